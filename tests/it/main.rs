//! One integration-test binary: each module is one promise of the project.

mod arrows;
