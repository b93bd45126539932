//! `concord classify`: items alone, at the pure core.

use concord_proto::classification::ClassifyRequest;
use concord_proto::types::View;

use crate::cli::{Classify, Format, Global};
use crate::core::Core;
use crate::deployment::Jurisdiction;
use crate::failure::Failure;
use crate::{document, output, report};

/// Runs the command.
///
/// # Errors
/// What the file or the core refuses.
pub fn run(args: &Classify, global: &Global) -> Result<(), Failure> {
    let file = document::transaction_file(&args.file)?;
    let core = Core::load(None)?;
    for name in &args.jurisdiction {
        let jurisdiction = Jurisdiction::parse(name)
            .ok_or_else(|| Failure::usage("BAD_USAGE", format!("`{name}` is neither us nor kr")))?;
        let answer = core.classify(&ClassifyRequest {
            jurisdiction: jurisdiction.code().to_owned(),
            as_of: args.as_of.clone().unwrap_or_else(|| file.as_of.clone()),
            lines: file.transaction.lines.clone(),
            judgements: file.transaction.judgements.clone(),
            view: if args.full { View::Full } else { View::Basic }.into(),
            ..ClassifyRequest::default()
        })?;
        let text = if global.json {
            let json = output::json("concord.classification.v1.ClassifyResponse", &answer)?;
            format!("{json}\n")
        } else {
            let blocks = report::classification(&answer, args.full, global.lang);
            match args.format {
                Format::Text => report::to_text(&blocks),
                Format::Markdown => report::to_markdown(&blocks),
            }
        };
        output::data(&text)?;
    }
    Ok(())
}
