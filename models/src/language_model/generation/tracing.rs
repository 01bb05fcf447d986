//! Traces of generations: the steps run with the interventions of a body.

use super::{FromInvokes, Generating, GeneratingPrompts, Generation};
use crate::error::{Error, Result};
use crate::language_model::CausalLm;
use crate::language_model::prompts::{Invoked, Prompts};
use nnsight_core::driving::{Driven, Planned};
use nnsight_core::{Collect, Job, Plan};
use std::cell::RefCell;
use std::marker::PhantomData;

impl<'a, M: CausalLm> Generation<'a, M> {
    /// Runs the steps with the interventions of `body`; `trace!` calls this.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens) and [`LanguageModel::trace`](crate::LanguageModel::trace);
    /// [`StepNotReached`](nnsight_core::Error::StepNotReached) for a saved value of a step after the end.
    pub fn trace_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(Generating<M>) -> R,
    ) -> Result<R::Output> {
        if self.lm.executor.is_some() {
            return Ok(self.submit_body(PhantomData, body)?.wait()?);
        }
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let (steps, prompt) = (self.steps(), self.prompt.clone());
        let prepare = || {
            let drive = self.drive(Invoked::take(&invoked)?)?;
            // The whole batch is the only prompt's.
            Ok::<_, Error>(Driven {
                windows: Vec::new(),
                drive,
            })
        };
        let body = || body(Generating::new(prompts.only(prompt)));
        let (kept, _) = pinned.trace_driven(Some(steps), body, prepare)?;
        Ok(kept)
    }
}

impl<'a, M: CausalLm> Generation<'a, M> {
    /// The plan of a generation with the interventions of `body`, without running it or loading weights; see
    /// [`LanguageModel::plan`](crate::LanguageModel::plan).
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::plan`](crate::LanguageModel::plan).
    pub fn plan_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(Generating<M>) -> R,
    ) -> Result<Plan> {
        let pinned = self.lm.pinned_for_plan()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let (steps, prompt) = (self.steps(), self.prompt.clone());
        let prepare = || {
            let rehearse = self.rehearse(Invoked::take(&invoked)?)?;
            // The whole batch is the only prompt's.
            Ok::<_, Error>(Planned {
                windows: Vec::new(),
                rehearse,
            })
        };
        let body = || body(Generating::new(prompts.only(prompt)));
        let plan = pinned.plan_driven(Some(steps), body, prepare)?;
        Ok(plan.with_floats(self.lm.dtype()))
    }
}

impl<'a, M: CausalLm> Generation<'a, M, FromInvokes> {
    /// [`plan_body`](Generation::plan_body) of several prompts, which `body` adds.
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::plan_body`](crate::LanguageModel::plan_body).
    pub fn plan_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(GeneratingPrompts<'_, M>) -> R,
    ) -> Result<Plan> {
        let pinned = self.lm.pinned_for_plan()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            let windows = batch.windows(pinned.tree());
            let rehearse = self.rehearse(batch)?;
            Ok::<_, Error>(Planned { windows, rehearse })
        };
        let body = || body(GeneratingPrompts { prompts });
        let plan = pinned.plan_driven(Some(self.steps()), body, prepare)?;
        Ok(plan.with_floats(self.lm.dtype()))
    }

    /// Runs the steps on all the prompts that `body` adds, with its interventions; `trace!` calls this.
    ///
    /// # Errors
    ///
    /// As [`Generation::tokens`] and [`LanguageModel::trace_body`](crate::LanguageModel::trace_body).
    pub fn trace_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(GeneratingPrompts<'_, M>) -> R,
    ) -> Result<R::Output> {
        if self.lm.executor.is_some() {
            return Ok(self.submit_body(PhantomData, body)?.wait()?);
        }
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let steps = self.steps();
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            let windows = batch.windows(pinned.tree());
            let drive = self.drive(batch)?;
            Ok::<_, Error>(Driven { windows, drive })
        };
        let body = || body(GeneratingPrompts { prompts });
        let (kept, _) = pinned.trace_driven(Some(steps), body, prepare)?;
        Ok(kept)
    }
}

impl<'a, M: CausalLm> Generation<'a, M> {
    /// Hands the generation over to the server, without waiting for it; see
    /// [`LanguageModel::submit`](crate::LanguageModel::submit).
    ///
    /// # Errors
    ///
    /// As [`trace_body`](Self::trace_body), and [`NoExecutor`](nnsight_core::Error::NoExecutor) for a model of this
    /// process.
    pub fn submit_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(Generating<M>) -> R,
    ) -> Result<Job<R>> {
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let (steps, prompt) = (self.steps(), self.prompt.clone());
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            self.check(&batch)?;
            Ok::<_, Error>(batch.inputs(None, Some(self.drawing())))
        };
        let body = || body(Generating::new(prompts.only(prompt)));
        pinned.submit_driven(Some(steps), self.lm.device(), body, prepare)
    }
}

impl<'a, M: CausalLm> Generation<'a, M, FromInvokes> {
    /// [`submit_body`](Generation::submit_body) of several prompts, which `body` adds.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn submit_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(GeneratingPrompts<'_, M>) -> R,
    ) -> Result<Job<R>> {
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            self.check(&batch)?;
            Ok::<_, Error>(batch.inputs(Some(pinned.tree()), Some(self.drawing())))
        };
        let body = || body(GeneratingPrompts { prompts });
        pinned.submit_driven(Some(self.steps()), self.lm.device(), body, prepare)
    }
}
