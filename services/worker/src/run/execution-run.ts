import { nextTurn, type AnswerPayload } from '@millrace/contracts';
import {
  cancelledEvent,
  type Command,
  deadline,
  decide,
  executionStarted,
  nextDueAt,
  pausedEvent,
  receiveAnswer,
  resumedEvent,
  skipByHand,
  waitingEvent,
} from '@millrace/engine';
import type { Claim, WorkerDoor } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import { type Clock, createClock } from './clock.js';
import { Ending, logTooLarge } from './ending.js';
import { ExecutionLog, FencedError, type LogLimits } from './execution-log.js';
import { Inbox } from './inbox.js';
import { Outside } from './outside.js';
import { StepRunner, type StepRunnerOptions, toError } from './step-runner.js';
import { isTurnOver } from './turn.js';

export interface RunOptions extends Omit<StepRunnerOptions, 'onChange' | 'door' | 'fence'> {
  workerId: string;
  /** By this process's own clock, asked before every write. */
  isLeaseHeld: () => boolean;
  door: Omit<WorkerDoor, 'claim' | 'release' | 'createLease'>;
  limits: LogLimits;
  /** Steps of one execution that run at once. */
  maxParallelSteps: number;
  /** Waits up to this keep the slot; longer ones give it back. */
  shortWaitMs: number;
  /** How long running steps may take to stop when the execution is cancelled. */
  abortGraceMs: number;
  log: Logger;
}

/** How a run ended. The slot is free in every case; `released` wants the claim to be given back. */
export type RunEnd = 'finished' | 'suspended' | 'fenced' | 'released';

/** After so many commands without a pause, other executions and heartbeats get their turn. */
const COMMANDS_PER_TURN = 50;
/** Fewer, once the turn of the event loop is over; not so few that a short execution would ever pause. */
const COMMANDS_BEHIND_TURN = 8;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A retry that is due while all places are taken waits for one to become free; other timers are looked at so often. */
const OVERDUE_LOOK_MS = 100;

function hasWorkedEnough(obeyed: number): boolean {
  return obeyed >= COMMANDS_PER_TURN || (obeyed >= COMMANDS_BEHIND_TURN && isTurnOver());
}

/**
 * Drives one claimed execution: decide, obey, fold, until it ends, sleeps or is lost. The log in memory is always ahead
 * of the one in the database; effectful steps wait for it, pure ones do not.
 */
export class ExecutionRun {
  readonly claim: Claim;
  readonly #options: RunOptions;
  readonly #clock: Clock;
  readonly #log: ExecutionLog;
  readonly #steps: StepRunner;
  readonly #ending: Ending;
  readonly #fence = new AbortController();
  readonly #inbox: Inbox;
  readonly #outside: Outside;
  #wake: (() => void) | undefined;
  #isPoked = false;
  #isReleasing = false;

  constructor(claim: Claim, options: RunOptions) {
    this.claim = claim;
    this.#options = options;
    this.#clock = createClock(claim.databaseNow);
    const fence = this.#fence.signal;
    const { isLeaseHeld } = options;
    this.#log = new ExecutionLog(claim, options.door, this.#clock, options.limits, { fence, isLeaseHeld });
    this.#steps = new StepRunner(claim, this.#log, this.#clock, {
      ...options,
      fence,
      onChange: () => {
        this.#poke();
      },
    });
    this.#ending = new Ending(claim, this.#log, { door: options.door, fence, log: options.log });
    this.#inbox = new Inbox(claim, this.#log, { door: options.door, fence, log: options.log });
    this.#outside = new Outside(claim, {
      door: options.door,
      fence,
      flush: () => this.#log.flush(),
      onAnswer: (answer) => {
        this.#take(answer);
      },
    });
  }

  /** A message has arrived in the inbox. */
  notify(): void {
    this.#inbox.hasUnread = true;
    this.#poke();
  }

  /** The claim is lost: stop everything and write nothing more. */
  fence(): void {
    this.#fence.abort();
    this.#steps.abortAll();
    this.#poke();
  }

  /** Start nothing new, and give the execution back once what runs has settled. */
  release(): void {
    this.#isReleasing = true;
    this.#poke();
  }

  /** Never rejects. */
  async run(): Promise<RunEnd> {
    try {
      return await this.#drive();
    } catch (error) {
      this.#steps.abortAll();
      if (error instanceof FencedError || this.#fence.signal.aborted) return 'fenced';
      return await this.#ending.giveUp(error);
    }
  }

  async #drive(): Promise<RunEnd> {
    const { state } = this.claim;
    const { workerId, maxParallelSteps } = this.#options;
    await this.#openBudget();
    await this.#begin(workerId);
    let obeyed = 0;
    for (;;) {
      if (this.#steps.failure !== undefined) throw this.#steps.failure;
      if (this.#fence.signal.aborted) return 'fenced';
      if (this.#inbox.hasUnread) await this.#readInbox();
      const { cancellation, pause } = this.#inbox;
      if (cancellation !== undefined) return await this.#finishCancelled(cancellation);
      if (this.#log.isOverLimit) {
        this.#steps.abortAll();
        await this.#ending.fail(logTooLarge(this.#options.limits));
        return 'finished';
      }
      if (this.#isReleasing && this.#steps.runningCount === 0) {
        await this.#log.flush();
        return 'released';
      }
      if (pause !== undefined && !this.#isOverdue()) {
        if (await this.#pause(pause.by)) return 'suspended';
        continue;
      }
      if (!this.#outside.isBusy && this.#outside.isBehind) this.#syncInBackground();
      const maxStarts = this.#isReleasing ? 0 : Math.max(0, maxParallelSteps - this.#steps.runningCount);
      const commands = decide(state, this.#clock.now(), { maxStarts });
      for (const command of commands) {
        obeyed += 1;
        if (command.type === 'finish') {
          await this.#ending.finish(command.event);
          return 'finished';
        }
        if (command.type === 'suspend') {
          if (await this.#suspend(command)) return 'suspended';
          break;
        }
        const obeying = this.#obey(command);
        if (obeying === undefined && !hasWorkedEnough(obeyed)) continue;
        await obeying;
        // Other steps may have settled meanwhile: what was decided before may not hold any more.
        break;
      }
      if (commands.length === 0) await this.#idle();
      else if (hasWorkedEnough(obeyed)) {
        obeyed = 0;
        this.#flushInBackground();
        await nextTurn();
      }
    }
  }

  /** What it used under earlier claims is on the account already, or, before there was one, in its log. */
  async #openBudget(): Promise<void> {
    const { executionId, plan, state } = this.claim;
    if (plan.budget === null) return;
    const { input_tokens: input, output_tokens: output, cost_usd: costUsd = 0 } = state.usage;
    const account = { limit: plan.budget, used: { tokens: input + output, costUsd } };
    await this.#options.door.openBudget(executionId, account, this.#fence.signal);
  }

  /** A paused execution goes on because somebody resumed it; who, the inbox says. */
  async #begin(workerId: string): Promise<void> {
    const { state } = this.claim;
    if (state.startedAt === null) {
      this.#log.add(executionStarted(state, workerId));
      return;
    }
    const by = state.status === 'paused' ? await this.#inbox.whoResumed() : undefined;
    this.#log.add(resumedEvent(workerId, by));
  }

  #obey(command: Exclude<Command, { type: 'finish' | 'suspend' }>): Promise<void> | undefined {
    switch (command.type) {
      case 'start':
        return this.#steps.start(command.step, command.attempt);
      case 'collect':
        return this.#steps.collect(command.step, command.output, command.durationMs);
      case 'settle':
        this.#steps.settle(command.step, command.attempt, command.outcome);
        return undefined;
      case 'append':
        this.#log.add(command.event);
        return undefined;
      case 'abort':
        this.#log.add(command.event);
        this.#steps.abort(command.step);
        return undefined;
    }
  }

  /** Answers, and steps skipped by hand, become events; the rest the inbox keeps. */
  async #readInbox(): Promise<void> {
    const { state } = this.claim;
    await this.#inbox.read({
      onAnswer: (answer) => {
        this.#take(answer);
      },
      onSkip: (skip) => {
        const running = [...state.running];
        for (const command of skipByHand(state, skip)) {
          if (command.type === 'append' || command.type === 'abort') this.#log.add(command.event);
        }
        for (const step of running) if (!state.running.has(step)) this.#steps.abort(step);
      },
    });
    if (state.unresolvedOutputs.size > 0) {
      await this.#options.door.loadOutputs(state, this.#fence.signal);
    }
  }

  #take(answer: AnswerPayload): void {
    const at = { now: this.#clock.now(), random: Math.random };
    const event = receiveAnswer(this.claim.state, answer, at);
    if (event !== null) {
      this.#log.add(event);
      if (answer.outcome.ok) this.#log.countBytes(JSON.stringify(answer.outcome.output ?? null).length);
    }
    this.#poke();
  }

  #syncInBackground(): void {
    this.#outside.sync().then(
      () => {
        this.#poke();
      },
      (error: unknown) => {
        this.#steps.failure ??= toError(error);
        this.#poke();
      },
    );
  }

  /** Its time may run out while a pause waits for what runs: then nothing is left to be paused. */
  #isOverdue(): boolean {
    const end = deadline(this.claim.state);
    const isHeldUp = this.#steps.runningCount > 0 || this.#outside.isBusy;
    return isHeldUp && end !== null && end <= this.#clock.now();
  }

  /** Lets what runs come to its end, then gives the slot back. False: look again. */
  async #pause(by: string): Promise<boolean> {
    if (this.#steps.runningCount > 0 || this.#outside.isBusy) {
      this.#flushInBackground();
      await this.#sleepUntil(deadline(this.claim.state));
      return false;
    }
    if (await this.#log.pause(pausedEvent(by))) return true;
    await this.#catchUp();
    return false;
  }

  /** After a refused suspension: a message came, or the claim is over. */
  async #catchUp(): Promise<void> {
    const seen = this.#log.inboxSeen;
    await this.#readInbox();
    if (this.#log.inboxSeen === seen) throw new FencedError('this claim is over');
  }

  /** Nothing to do until a step settles, a message comes, or a timer is due. */
  async #idle(): Promise<void> {
    this.#flushInBackground();
    const dueAt = nextDueAt(this.claim.state);
    const now = this.#clock.now();
    await this.#sleepUntil(dueAt !== null && dueAt <= now ? now + OVERDUE_LOOK_MS : dueAt);
  }

  async #sleepUntil(at: number | null): Promise<void> {
    if (!this.#isPoked) {
      await new Promise<void>((resolve) => {
        const timer =
          at === null
            ? undefined
            : setTimeout(resolve, Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(at - this.#clock.now()))));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isPoked = false;
  }

  #poke(): void {
    this.#isPoked = true;
    this.#wake?.();
  }

  #flushInBackground(): void {
    this.#log.flush().catch((error: unknown) => {
      this.#steps.failure ??= toError(error);
      this.#poke();
    });
  }

  /** True when the slot was given back. Short waits keep it: a suspension costs two commits and a claim. */
  async #suspend({ wakeAt, stepIds }: Extract<Command, { type: 'suspend' }>): Promise<boolean> {
    const isSoon = wakeAt !== null && wakeAt - this.#clock.now() <= this.#options.shortWaitMs;
    // While something is made known outside: a child may be refused, or a message be there already by then.
    if ((isSoon && !this.#isReleasing) || this.#outside.isBusy) {
      this.#flushInBackground();
      await this.#sleepUntil(wakeAt);
      return false;
    }
    if (this.#outside.hasParts && !this.#isReleasing) {
      // Parts of a map end one soon after the other: to be claimed for each would be most of the work.
      const until = this.#clock.now() + this.#options.shortWaitMs;
      this.#flushInBackground();
      await this.#sleepUntil(until);
      if (this.#clock.now() < until || this.#inbox.hasUnread) return false;
    }
    if (await this.#log.suspend(waitingEvent(wakeAt, stepIds), wakeAt)) return true;
    await this.#catchUp();
    return false;
  }

  async #finishCancelled(cancellation: { by: string; reason: string | undefined }): Promise<RunEnd> {
    // Steps that finish while they are being stopped have their result recorded: it is the truth.
    this.#steps.abortAll();
    const giveUpAt = this.#clock.now() + this.#options.abortGraceMs;
    while (this.#steps.runningCount > 0 && this.#clock.now() < giveUpAt && !this.#fence.signal.aborted) {
      await this.#sleepUntil(giveUpAt);
    }
    const event = cancelledEvent(this.claim.state, cancellation);
    await this.#log.finish(event, 'cancelled', { result: null, error: null });
    return 'finished';
  }
}
