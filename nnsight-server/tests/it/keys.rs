//! Keys open what they are for, and nothing once they are revoked.

use crate::board::folder;
use nnsight_server::{KeyError, Keys, Role};

#[test]
fn a_key_is_known_until_it_is_revoked_by_whichever_process() -> Result<(), KeyError> {
    let folder = folder("keys");
    let keys = Keys::open(&folder)?;
    let ada = keys.add("ada", Role::User, Some(3))?;
    assert!(ada.starts_with("nns_") && ada.len() == 68, "{ada}");
    let found = keys.find(&ada)?.expect("it is known");
    assert_eq!(
        (found.name.as_str(), found.role, found.unfinished),
        ("ada", Role::User, Some(3))
    );
    for wrong in ["", "nns_", &ada[..67], &format!("{ada}0")] {
        assert!(keys.find(wrong)?.is_none(), "{wrong}");
    }
    assert!(matches!(
        keys.add("ada", Role::User, None),
        Err(KeyError::Taken { .. })
    ));

    // As the command line does it while a server runs.
    let elsewhere = Keys::open(&folder)?;
    assert!(elsewhere.find(&ada)?.is_some());
    elsewhere.revoke("ada")?;
    assert!(elsewhere.find(&ada)?.is_none());
    assert!(keys.find(&ada)?.is_none());
    assert!(matches!(keys.revoke("ada"), Err(KeyError::Unknown { .. })));
    // The name is free again, and the old key stays revoked.
    let again = keys.add("ada", Role::Operator, None)?;
    assert!(keys.find(&ada)?.is_none());
    assert_eq!(keys.find(&again)?.expect("it is known").role, Role::Operator);
    Ok(())
}
