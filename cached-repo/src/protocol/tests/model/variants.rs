//! Each rule left out: the model notices.
