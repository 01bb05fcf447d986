//! What is written inside `trace!` is written outside of it: a site does what its value does.

use crate::support::*;

/// Without the macro, in a helper: no `.get()`.
fn centred(site: Site<(Batch, Hidden)>) -> Value<(Batch, Hidden)> {
    site - site.mean()
}

#[test]
fn a_site_does_what_its_value_does() {
    let (kept, shape, sum, twice, part, minus, mask) = tiny_net()
        .trace(input(), |m| {
            let h = m.layer1.output;
            let mask = h.gt(2.0) & !h.gt(3.0);
            (
                centred(h).save(),
                h.shape().len(),
                h.sum_over(Hidden).save(),
                (2.0 * h + h).save(),
                h.at((.., -1)).save(),
                (-h).save(),
                mask.save(),
            )
        })
        .expect("it runs");
    let mean = 20.0 / 6.0;
    let wanted = [1.0, 2.0, 3.0, 3.0, 4.0, 7.0].map(|h| h - mean);
    for (found, wanted) in rows(kept).iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
    }
    assert_eq!(shape, 2);
    assert_eq!(rows(sum), [6.0, 14.0]);
    assert_eq!(rows(twice), [3.0, 6.0, 9.0, 9.0, 12.0, 21.0]);
    assert_eq!(rows(part), [3.0, 7.0]);
    assert_eq!(rows(minus), [-1.0, -2.0, -3.0, -3.0, -4.0, -7.0]);
    let mask: Vec<bool> = mask.into_data().try_to_vec().expect("truth values");
    assert_eq!(mask, [false, false, true, true, false, false]);
}

/// A site is a place: what is added to it is added to what the model computes.
#[test]
fn a_site_that_is_changed_changes_the_model() {
    let out = tiny_net().trace(input(), |mut m| {
        m.layer1.output *= 2.0;
        m.output.save()
    });
    assert_eq!(rows(out.expect("it runs")), [8.0, -2.0, 20.0, -6.0]);
}

/// Each use of a site reads it as the lines before left it; a value stays what it was.
#[test]
fn a_site_is_read_where_it_is_used() {
    let (before, after, value) = tiny_net()
        .trace(input(), |m| {
            let (h, value) = (m.layer1.output, m.layer1.output.get());
            let before = h.sum().save();
            h.set(1.0);
            (before, h.sum().save(), value.sum().save())
        })
        .expect("it runs");
    assert_eq!(
        (rows(before), rows(after), rows(value)),
        (vec![20.0], vec![6.0], vec![20.0])
    );
}
