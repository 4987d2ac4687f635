//! A value that may be given once.

use super::item::words;
use crate::ctxt::Ctxt;
use syn::Path;

/// Remembers that an attribute was there even if its value was wrong: it must not be called missing then.
pub(crate) struct Once<T> {
    seen: bool,
    value: Option<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            seen: false,
            value: None,
        }
    }
}

impl<T> Once<T> {
    pub(crate) fn set(&mut self, cx: &Ctxt, key: &Path, value: Option<T>) {
        if self.seen {
            cx.error(
                key,
                format!("`{}` is given twice; keep one of them", words(key)),
            );
            return;
        }
        self.seen = true;
        self.value = value;
    }

    pub(crate) fn was_given(&self) -> bool {
        self.seen
    }

    pub(crate) fn get(self) -> Option<T> {
        self.value
    }
}
