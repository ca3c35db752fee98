//! Walking through DER that others wrote, tag by tag, over the `der` crate's
//! reader: time stamps carry forms that its types do not take, such as fractions
//! of a second.

use der::oid::ObjectIdentifier;
use der::{Decode as _, Reader as _, SliceReader};

/// What is left of a constructed value.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

fn broken(e: impl std::fmt::Display) -> String {
    format!("its DER is broken: {e}")
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Tag byte of what comes next.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// The next value with its tag and length, and its contents.
    fn next(&mut self) -> Result<(&'a [u8], &'a [u8]), String> {
        let mut reader = SliceReader::new(self.bytes).map_err(broken)?;
        let whole = reader.tlv_bytes().map_err(broken)?;
        let value = der::AnyRef::from_der(whole).map_err(broken)?.value();
        self.bytes = &self.bytes[whole.len()..];
        Ok((whole, value))
    }

    /// The contents of the next value, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Result<&'a [u8], String> {
        Ok(self.whole(tag)?.1)
    }

    /// The next value with tag and length, and its contents.
    pub(super) fn whole(&mut self, tag: u8) -> Result<(&'a [u8], &'a [u8]), String> {
        match self.peek() {
            Some(t) if t == tag => self.next(),
            found => Err(broken(format_args!(
                "tag {tag:#x} is missing, found {found:x?}"
            ))),
        }
    }

    /// The next value's tag byte and contents, if there is one.
    pub(super) fn any(&mut self) -> Result<Option<(u8, &'a [u8])>, String> {
        match self.peek() {
            None => Ok(None),
            Some(tag) => Ok(Some((tag, self.next()?.1))),
        }
    }

    pub(super) fn sequence(&mut self) -> Result<Self, String> {
        self.take(0x30).map(Self::new)
    }

    pub(super) fn oid(&mut self) -> Result<String, String> {
        let value = self.take(6)?;
        ObjectIdentifier::from_bytes(value)
            .map(|o| o.to_string())
            .map_err(broken)
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(broken("there is more than there should be"))
        }
    }
}

/// The contents of an INTEGER in hexadecimal.
pub(super) fn integer(value: &[u8]) -> String {
    shoseki_model::hex(value)
}
