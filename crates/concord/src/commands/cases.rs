//! `concord cases run`: situations as data, at the core or over gRPC. The last line of stdout is `N of M cases passed`.

use concord_proto::determination::DetermineRequest;
use concord_proto::determination::determination_service_client::DeterminationServiceClient;
use concord_proto::types::{RequestContext, View};
use serde_json::json;

use crate::cases::{Answer, Case, Check, failures, read_case_file};
use crate::cli::{Cases, Global};
use crate::commands::block_on;
use crate::core::Core;
use crate::data_dir;
use crate::deployment::{Deployments, Jurisdiction, Options};
use crate::failure::{Failure, exit};
use crate::output;

/// Runs the command.
///
/// # Errors
/// An unreadable case file; `CASES_FAILED` when an expectation does not hold.
pub fn run(args: &Cases, global: &Global) -> Result<(), Failure> {
    let Cases::Run { files, rpc, dir } = args;
    let mut cases = Vec::new();
    for file in files {
        cases.extend(read_case_file(file)?);
    }
    let results = if *rpc {
        let data_dir = data_dir::resolve(global)?;
        block_on(over_rpc(&cases, Options::new(data_dir)))?
    } else {
        let core = Core::load(dir.as_deref())?;
        evaluate(&cases, |check| {
            core.answer(&check.transaction, &check.as_of)
        })
    };
    print(&cases, &results, global)
}

/// Every case's failures, in order.
fn evaluate(
    cases: &[Case],
    mut answer: impl FnMut(&Check) -> Result<Answer, Failure>,
) -> Vec<Vec<String>> {
    cases
        .iter()
        .map(|case| {
            let mut failed = Vec::new();
            for check in &case.checks {
                match answer(check) {
                    Ok(answer) => failed.extend(failures(check, &answer)),
                    Err(e) => failed.push(format!("{}: refused: {}", check.part, e.to_text())),
                }
            }
            failed
        })
        .collect()
}

/// The same over gRPC: the US deployment decides and consults the Korean one.
async fn over_rpc(cases: &[Case], options: Options) -> Result<Vec<Vec<String>>, Failure> {
    let deployments = Deployments::start(&options)
        .await
        .map_err(|e| super::determine::start_failure(&e))?;
    let channel = deployments
        .get(Jurisdiction::Us)
        .ok_or_else(|| Failure::usage("CANNOT_START", "the US deployment is not started"))?
        .channel("determination")?;
    let mut results = Vec::new();
    for (position, case) in cases.iter().enumerate() {
        eprintln!("{} of {}: {}", position + 1, cases.len(), case.id);
        let mut failed = Vec::new();
        for check in &case.checks {
            let request = DetermineRequest {
                context: Some(RequestContext {
                    request_id: uuid::Uuid::now_v7().to_string(),
                    ..RequestContext::default()
                }),
                transaction: Some(check.transaction.clone()),
                as_of: check.as_of.clone(),
                view: View::Full.into(),
                ..DetermineRequest::default()
            };
            let mut client = DeterminationServiceClient::new(channel.clone())
                .max_decoding_message_size(16 << 20);
            match client.determine(request).await {
                Ok(response) => {
                    let determination = response.into_inner().determination.unwrap_or_default();
                    let kr = determination
                        .counterparts
                        .into_iter()
                        .find(|c| c.jurisdiction == "KR");
                    let answer = Answer {
                        us: determination.own,
                        kr: kr.and_then(|c| c.determination),
                        divergences: determination.divergences,
                    };
                    failed.extend(failures(check, &answer));
                }
                Err(status) => {
                    let text = Failure::from_status(&status).to_text();
                    failed.push(format!("{}: refused: {text}", check.part));
                }
            }
        }
        results.push(failed);
    }
    deployments.shutdown().await?;
    Ok(results)
}

fn print(cases: &[Case], results: &[Vec<String>], global: &Global) -> Result<(), Failure> {
    let mut out = String::new();
    let counted: Vec<(&Case, &Vec<String>)> = cases
        .iter()
        .zip(results)
        .filter(|(case, _)| !case.advisory)
        .collect();
    for (case, failed) in cases.iter().zip(results) {
        let word = if case.advisory { "advisory" } else { "failed" };
        if global.json {
            let line = json!({
                "id": case.id, "advisory": case.advisory, "passed": failed.is_empty(), "failures": failed,
            });
            out.push_str(&format!("{line}\n"));
        } else {
            for failure in failed {
                out.push_str(&format!("{word} {}: {failure}\n", case.id));
            }
        }
    }
    let passed = counted
        .iter()
        .filter(|(_, failed)| failed.is_empty())
        .count();
    out.push_str(&format!("{passed} of {} cases passed\n", counted.len()));
    output::data(&out)?;
    if passed < counted.len() {
        // What failed is on stdout already; the exit code is all that is left to say.
        std::process::exit(i32::from(exit::INVALID));
    }
    Ok(())
}
