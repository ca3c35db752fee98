//! Which rules were judged over which scopes in a run, and whether the
//! population was whole: stored once for all runs for which it is the same.

use crate::Error;

/// Bytes for `(scope, whole)`, sorted by scope: each the difference to the one
/// before, doubled, with the lowest bit for whole, seven bits a byte.
pub(crate) fn pack(scopes: &[(i64, bool)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(scopes.len() * 2);
    let mut last = 0;
    for &(scope, whole) in scopes {
        let mut n = ((scope - last) as u64) << 1 | u64::from(whole);
        last = scope;
        while n >= 0x80 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }
    out
}

/// What [`pack`] packed.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<(i64, bool)>, Error> {
    let broken = || Error::broken("a coverage cannot be read");
    let mut out = Vec::new();
    let (mut last, mut n, mut shift) = (0i64, 0u64, 0u32);
    for &b in bytes {
        if shift > 56 {
            return Err(broken());
        }
        n |= u64::from(b & 0x7f) << shift;
        shift += 7;
        if b & 0x80 == 0 {
            let step = i64::try_from(n >> 1).map_err(|_| broken())?;
            last = last.checked_add(step).ok_or_else(broken)?;
            out.push((last, n & 1 == 1));
            (n, shift) = (0, 0);
        }
    }
    if shift == 0 { Ok(out) } else { Err(broken()) }
}
