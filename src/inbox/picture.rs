//! The size of a picture, as its own bytes give it.

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PictureSize {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl PictureSize {
    /// The largest picture that counts as letterhead, as it is shown.
    pub(super) const LETTERHEAD: Self = Self {
        width: 320,
        height: 120,
    };
    /// No picture that shows anything has fewer bytes.
    pub(super) const SHORTEST: usize = 67;

    pub(super) const fn is_letterhead(self) -> bool {
        self.width <= Self::LETTERHEAD.width && self.height <= Self::LETTERHEAD.height
    }

    /// Its pixels. Those of all letterhead together are no more than the largest has: slices beside each other are one picture.
    pub(super) const fn area(self) -> u64 {
        (self.width as u64).saturating_mul(self.height as u64)
    }

    /// The size of a PNG, GIF or JPEG picture; `None` for anything else.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
        };
        if bytes.starts_with(b"\x89PNG") && bytes.get(12..16) == Some(b"IHDR") {
            return Some(Self {
                width: number(bytes.get(16..20)?),
                height: number(bytes.get(20..24)?),
            });
        }
        if bytes.starts_with(b"GIF8") {
            return match bytes.get(6..10)? {
                [w, wide, h, high] => Some(Self {
                    width: number(&[*wide, *w]),
                    height: number(&[*high, *h]),
                }),
                _ => None,
            };
        }
        let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
        // The segments of a JPEG picture: one of those that begin a frame has its size.
        loop {
            let [0xff, kind, high, low, segment @ ..] = rest else {
                return None;
            };
            if matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc) {
                return Some(Self {
                    width: number(segment.get(3..5)?),
                    height: number(segment.get(1..3)?),
                });
            }
            let length = usize::try_from(number(&[*high, *low])).ok()?;
            rest = segment.get(length.checked_sub(2)?..)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_says_how_large_it_is() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x58\0\0\x01\x90";
        let gif = b"GIF89a\x58\x02\x90\x01\0";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x01\x90\x02\x58\x03";
        let size = PictureSize {
            width: 600,
            height: 400,
        };
        for picture in [&png[..], gif, jpeg] {
            assert_eq!(PictureSize::of(picture), Some(size));
            assert_eq!(PictureSize::of(&picture[..picture.len() - 4]), None);
        }
        assert_eq!(PictureSize::of(b"\xff\xd8\xff\xe0\0\0\xff\xc0"), None);
        assert_eq!(PictureSize::of(b"RIFF"), None);
    }
}
