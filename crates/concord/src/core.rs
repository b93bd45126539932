//! Both laws at the pure cores, without services: what `concord cases run` and `concord classify` use.

use std::collections::BTreeMap;
use std::path::Path;

use concord_classification::catalogue::Catalogue;
use concord_determination::compose::Facing;
use concord_determination::law::Law;
use concord_determination::lines::{self, OwnExport, Question};
use concord_determination::{compose, wire as convert};
use concord_kit::violations::Violations;
use concord_licensing::{JurisdictionDecision, PartyStep};
use concord_proto::classification::{ClassifyRequest, ClassifyResponse};
use concord_proto::types as wire;

use crate::cases::Answer;
use crate::deployment::Jurisdiction;
use crate::failure::Failure;

/// The loaded laws.
#[derive(Debug)]
pub struct Core {
    catalogue: Catalogue,
    laws: BTreeMap<&'static str, Law>,
}

/// What one law says.
struct Decided {
    determination: wire::JurisdictionDetermination,
    decision: JurisdictionDecision,
    export: Option<OwnExport>,
}

impl Core {
    /// Loads the editions of `dir`, or those built into the program.
    ///
    /// # Errors
    /// `INVALID_REGIME`: the files are unreadable or not right.
    pub fn load(dir: Option<&Path>) -> Result<Self, Failure> {
        let invalid = |e: String| Failure::usage("INVALID_REGIME", e);
        let catalogue = Catalogue::load("US", dir).map_err(|e| invalid(e.to_string()))?;
        let mut laws = BTreeMap::new();
        for j in Jurisdiction::ALL {
            laws.insert(
                j.code(),
                Law::load(j.code(), dir).map_err(|e| invalid(e.to_string()))?,
            );
        }
        Ok(Self { catalogue, laws })
    }

    /// One Classify call at the core.
    ///
    /// # Errors
    /// As the RPC refuses it.
    pub fn classify(&self, request: &ClassifyRequest) -> Result<ClassifyResponse, Failure> {
        concord_classification::wire::classify(&self.catalogue, request)
            .map_err(|s| Failure::from_status(&s))
    }

    /// What both laws say about a transaction whose parties are clean, and where they part.
    ///
    /// # Errors
    /// As the Determine RPC refuses it.
    pub fn answer(&self, transaction: &wire::Transaction, as_of: &str) -> Result<Answer, Failure> {
        let us = self.decide("US", transaction, as_of)?;
        let kr = self.decide("KR", transaction, as_of)?;
        let law = self.law("US")?;
        let mut divergences =
            compose::compare(law, &us.decision, &kr.determination, Facing::SameAct);
        if let (Some(ours), Some(theirs)) = (&us.export, &kr.export) {
            let theirs = &theirs.determination;
            divergences.extend(compose::compare(
                law,
                &ours.decision,
                theirs,
                Facing::OwnExports,
            ));
        }
        Ok(Answer {
            us: Some(us.determination),
            kr: Some(kr.determination),
            divergences,
        })
    }

    fn law(&self, jurisdiction: &str) -> Result<&Law, Failure> {
        self.laws.get(jurisdiction).ok_or_else(|| {
            Failure::invalid(
                "UNKNOWN_JURISDICTION",
                format!("no law of `{jurisdiction}` is loaded"),
            )
        })
    }

    fn decide(
        &self,
        jurisdiction: &str,
        transaction: &wire::Transaction,
        as_of: &str,
    ) -> Result<Decided, Failure> {
        let law = self.law(jurisdiction)?;
        let status = |s: tonic::Status| Failure::from_status(&s);
        let mut violations = Violations::default();
        let decoded =
            convert::decode_transaction(transaction, as_of, "transaction", &mut violations);
        let items = convert::item_facts(law.edition.regime(), transaction, &mut violations);
        violations.finish().map_err(status)?;
        let as_of = decoded.as_of.unwrap_or_else(|| law.today());
        let classified = self.classify(&ClassifyRequest {
            jurisdiction: jurisdiction.to_owned(),
            as_of: as_of.to_string(),
            lines: transaction.lines.clone(),
            judgements: transaction.judgements.clone(),
            view: wire::View::Full.into(),
            ..ClassifyRequest::default()
        })?;
        let question = Question {
            wire: transaction,
            core: decoded.transaction,
            as_of,
            strict: false,
            parties_withheld: None,
        };
        let mut classifications = classified.lines;
        let decision = lines::decide(
            law,
            &question,
            &items,
            &mut classifications,
            &PartyStep::clean(),
        )
        .map_err(|e| Failure::invalid("INVALID_REQUEST", e.to_string()))?;
        let determination =
            convert::encode_jurisdiction(&decision, classifications.clone(), &as_of.to_string());
        let export = lines::decide_own_export(law, &question, &items, &classifications)
            .map_err(|e| Failure::invalid("INVALID_REQUEST", e.to_string()))?;
        Ok(Decided {
            determination,
            decision,
            export,
        })
    }
}
