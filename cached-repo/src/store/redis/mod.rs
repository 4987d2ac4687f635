//! Redis.
/// stub
#[derive(Debug)] pub struct RedisStore;
