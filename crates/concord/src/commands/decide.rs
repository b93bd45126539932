//! `concord decide`: what an officer says of a determination, recorded; and everything that was said of it, shown.

use concord_proto::determination::{
    GetDeterminationRequest, HumanVerdict, RecordDecisionRequest, RecordJudgementRequest,
};
use concord_proto::types::{JudgementAnswer, RequestContext};
use tonic::Response;

use super::determine::{at, client, jurisdiction};
use crate::cli::{Decide, Format, Global};
use crate::failure::Failure;
use crate::{output, report};

/// Runs the command.
///
/// # Errors
/// What the arguments, the deployment or the service refuses.
pub async fn run(args: &Decide, global: &Global) -> Result<(), Failure> {
    let by = jurisdiction(&args.by)?;
    if let Some(text) = &args.judgement {
        let answer = judgement(args, text)?;
        let request = RecordJudgementRequest {
            context: Some(context(args)),
            determination_id: args.determination.clone(),
            answer: Some(answer),
        };
        let answer = at(&args.remote, by, global, |channel| async {
            answered(client(channel).record_judgement(request).await)
        })
        .await?;
        if global.json {
            return json("concord.determination.v1.RecordJudgementResponse", &answer);
        }
        let blocks = report::recorded_judgement(&answer, global.lang);
        return output::data(&report::to_text(&blocks));
    }
    if args.agree || args.override_with.is_some() {
        let verdict = if args.agree {
            HumanVerdict::Agree
        } else {
            HumanVerdict::Override
        };
        let request = RecordDecisionRequest {
            context: Some(context(args)),
            determination_id: args.determination.clone(),
            verdict: verdict.into(),
            outcome: args.override_with.clone().unwrap_or_default(),
            reason: args.reason.clone().unwrap_or_default(),
        };
        let answer = at(&args.remote, by, global, |channel| async {
            answered(client(channel).record_decision(request).await)
        })
        .await?;
        if global.json {
            return json("concord.determination.v1.RecordDecisionResponse", &answer);
        }
        let blocks = report::recorded_decision(&answer, global.lang);
        return output::data(&report::to_text(&blocks));
    }
    let request = GetDeterminationRequest {
        determination_id: args.determination.clone(),
    };
    let answer = at(&args.remote, by, global, |channel| async {
        answered(client(channel).get_determination(request).await)
    })
    .await?;
    if global.json {
        return json("concord.determination.v1.GetDeterminationResponse", &answer);
    }
    let blocks = report::stored(&answer, global.lang);
    output::data(&match args.format {
        Format::Text => report::to_text(&blocks),
        Format::Markdown => report::to_markdown(&blocks),
    })
}

fn answered<T>(answer: Result<Response<T>, tonic::Status>) -> Result<T, Failure> {
    answer
        .map(Response::into_inner)
        .map_err(|status| Failure::from_status(&status))
}

fn json(message: &str, answer: &impl prost::Message) -> Result<(), Failure> {
    output::data(&format!("{}\n", output::json(message, answer)?))
}

fn context(args: &Decide) -> RequestContext {
    let id = args.request_id.clone();
    RequestContext {
        request_id: id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
        case_reference: args.case_reference.clone(),
        actor: args.actor.clone().unwrap_or_default(),
        purpose: String::new(),
    }
}

fn judgement(args: &Decide, text: &str) -> Result<JudgementAnswer, Failure> {
    let said = text.split_once('=').and_then(|(id, said)| match said {
        "yes" => Some((id, true)),
        "no" => Some((id, false)),
        _ => None,
    });
    let (id, answer) = said.ok_or_else(|| {
        let text = format!("`--judgement {text}` is not of the form ID=yes or ID=no");
        Failure::usage("BAD_USAGE", text)
    })?;
    Ok(JudgementAnswer {
        judgement: id.to_owned(),
        line_id: args.line.clone(),
        answer,
        reason: args.reason.clone().unwrap_or_default(),
        record_id: String::new(),
    })
}
