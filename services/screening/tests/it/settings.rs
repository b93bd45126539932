//! The files that are deployed.

use concord_kit::config::Loader;
use concord_screening::{BuildError, Config};

use crate::server::config;

#[test]
fn the_deployed_files_load_and_say_what_is_required() {
    for (name, text, lists) in [
        (
            "us",
            include_str!("../../../../deploy/config/us/screening.toml"),
            5,
        ),
        (
            "kr",
            include_str!("../../../../deploy/config/kr/screening.toml"),
            1,
        ),
    ] {
        let config: Config = Loader::new().text(name, text).env([]).load().unwrap();
        assert_eq!(config.lists_dir.to_str(), Some("/var/lib/concord/lists"));
        let jurisdiction = config.jurisdiction.as_str();
        assert_eq!(
            concord_screening::completeness::required_by_law(jurisdiction)
                .unwrap()
                .len(),
            lists
        );
        config.policy().unwrap();
    }
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let good = || config(dir.path(), None);
    for (key, wrong) in [
        (
            "required_lists",
            Config {
                required_lists: Some(vec!["sdnn".to_owned()]),
                ..good()
            },
        ),
        (
            "required_lists",
            Config {
                jurisdiction: "JP".to_owned(),
                ..good()
            },
        ),
        (
            "max_shrink_per_mille",
            Config {
                max_shrink_per_mille: 1_001,
                ..good()
            },
        ),
        (
            "reload_interval_ms",
            Config {
                reload_interval_ms: 0,
                ..good()
            },
        ),
    ] {
        let telemetry =
            concord_kit::telemetry::Telemetry::new("screening", &wrong.telemetry).unwrap();
        let error = concord_screening::build(wrong, telemetry)
            .await
            .unwrap_err();
        assert!(
            matches!(error, BuildError::Config(_)) && error.to_string().contains(key),
            "{error}"
        );
    }
}
