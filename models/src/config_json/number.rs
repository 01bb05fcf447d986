//! Decimal fractions in constants, where `str::parse` cannot go.

/// `-12.5e-3` and the like, or `None`.
pub(super) const fn parse_f64(bytes: &[u8], start: usize, end: usize) -> Option<f64> {
    let negative = bytes[start] == b'-';
    let mut i = if negative { start + 1 } else { start };
    let (mut digits, mut seen, mut scale, mut after_point) = (0u64, 0, 0i32, false);
    while i < end && (bytes[i].is_ascii_digit() || (bytes[i] == b'.' && !after_point)) {
        if bytes[i] == b'.' {
            after_point = true;
        } else {
            seen += 1;
            if digits < u64::MAX / 100 {
                digits = digits * 10 + (bytes[i] - b'0') as u64;
                scale -= after_point as i32;
            } else {
                scale += !after_point as i32;
            }
        }
        i += 1;
    }
    if seen == 0 {
        return None;
    }
    if i < end && (bytes[i] == b'e' || bytes[i] == b'E') {
        i += 1;
        let down = i < end && bytes[i] == b'-';
        if i < end && (bytes[i] == b'-' || bytes[i] == b'+') {
            i += 1;
        }
        let (first, mut exponent) = (i, 0i32);
        while i < end && bytes[i].is_ascii_digit() && exponent < 1000 {
            exponent = exponent * 10 + (bytes[i] - b'0') as i32;
            i += 1;
        }
        if i == first {
            return None;
        }
        scale += if down { -exponent } else { exponent };
    }
    if i != end {
        return None;
    }
    let (mut power, mut left) = (1.0f64, scale.unsigned_abs());
    while left > 0 {
        power *= 10.0;
        left -= 1;
    }
    let number = if scale < 0 {
        digits as f64 / power
    } else {
        digits as f64 * power
    };
    Some(if negative { -number } else { number })
}
