//! The words that every trace repeats, made once.

use std::array;
use std::sync::{Arc, LazyLock};

use crate::vocabulary::Attribute;

static TRUE: LazyLock<Arc<str>> = LazyLock::new(|| "true".into());
static FALSE: LazyLock<Arc<str>> = LazyLock::new(|| "false".into());
static ATTRIBUTES: LazyLock<[Arc<str>; Attribute::ALL.len()]> = LazyLock::new(|| {
    let mut ids = Attribute::ALL.iter().map(|attribute| attribute.id());
    array::from_fn(|_| ids.next().unwrap_or_default().into())
});

/// `true` or `false`.
pub(super) fn truth(value: bool) -> &'static Arc<str> {
    if value { &TRUE } else { &FALSE }
}

/// The id of an attribute.
pub(super) fn attribute(attribute: Attribute) -> &'static Arc<str> {
    // The attributes are numbered in the order of `Attribute::ALL`, as everywhere in this crate.
    ATTRIBUTES.get(attribute as usize).unwrap_or(&FALSE)
}
