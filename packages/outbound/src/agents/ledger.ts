import type { JsonObject } from '@millrace/contracts';
import { type AgentErrorCode, fail } from './errors.js';
import type { AgentUsage, Allowance, SharedBudget } from './types.js';

/** US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}
/** By `provider/model` or by the model alone. */
export type Prices = Readonly<Record<string, Price>>;

interface Limit extends Allowance {
  readonly code: Extract<AgentErrorCode, 'budget_exceeded' | 'execution_budget_exceeded'>;
}

/** What a call used; `estimated` where the service did not say. */
export interface Consumption {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly estimated: boolean;
}

const WORDS = {
  budget_exceeded: 'the budget of the step',
  execution_budget_exceeded: 'what is left of the budget of the execution',
} as const;

/** Rough on purpose: four characters a token hold for English and code; other scripts use more. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Counts what the calls of a run use and refuses the next one when a limit is reached. */
export class Ledger {
  #input = 0;
  #output = 0;
  #cost = 0;
  #calls = 0;
  #isPriced = true;
  #isEstimated = false;

  readonly #own: Limit;
  readonly #shared: SharedBudget | undefined;
  /** Of the execution, as of the last call: what this run has used so far, and what was left then. */
  #common: Limit | undefined;

  constructor(
    private readonly prices: Prices,
    budgets: { readonly own?: Allowance; readonly shared?: SharedBudget | undefined } = {},
  ) {
    this.#own = { ...budgets.own, code: 'budget_exceeded' };
    this.#shared = budgets.shared;
  }

  /** Null before the first call. */
  get usage(): AgentUsage | null {
    if (this.#calls === 0) return null;
    return {
      input_tokens: this.#input,
      output_tokens: this.#output,
      total_tokens: this.#input + this.#output,
      ...(this.#isPriced && { cost_usd: roundCost(this.#cost) }),
      ...(this.#isEstimated && { estimated: true as const }),
    };
  }

  async add(ref: ModelName, used: Consumption): Promise<void> {
    const price = this.#priceOf(ref);
    this.#calls += 1;
    this.#input += used.inputTokens;
    this.#output += used.outputTokens;
    this.#isEstimated ||= used.estimated;
    if (price === undefined) this.#isPriced = false;
    else this.#cost += costOf(price, used.inputTokens, used.outputTokens);
    await this.#shared?.spend({
      tokens: used.inputTokens + used.outputTokens,
      costUsd: price === undefined ? 0 : costOf(price, used.inputTokens, used.outputTokens),
    });
  }

  /**
   * Throws where a limit is reached, or the prompt alone would pass it. Answers how many tokens each of `parallel`
   * calls may answer with; undefined is unlimited.
   */
  async admit(ref: ModelName, promptTokens: number, parallel: number): Promise<number | undefined> {
    await this.#lookAtShared();
    const allowances = this.#limits.map((limit) => {
      const tokens =
        limit.tokens === undefined
          ? Infinity
          : (limit.tokens - this.#input - this.#output) / parallel - promptTokens;
      const affordable = this.#affordable(limit, ref, promptTokens, parallel);
      const left = Math.floor(Math.min(tokens, affordable));
      if (left < 1) this.#refuse(limit, promptTokens);
      return left;
    });
    const least = Math.min(Infinity, ...allowances);
    return Number.isFinite(least) ? least : undefined;
  }

  /** Throws where what was counted is more than a limit. */
  check(): void {
    for (const limit of this.#limits) {
      const tokens = this.#input + this.#output;
      if (tokens > (limit.tokens ?? Infinity) || this.#cost > (limit.costUsd ?? Infinity))
        this.#refuse(limit);
    }
  }

  /** The limit that an answer of unknown length has run into. */
  refuse(): never {
    const [limit] = this.#limits;
    return limit === undefined
      ? fail('internal', 'A budget was exceeded that nobody set')
      : this.#refuse(limit);
  }

  /** Those that limit anything. */
  get #limits(): Limit[] {
    return [this.#own, ...(this.#common ? [this.#common] : [])].filter(
      ({ tokens, costUsd }) => tokens !== undefined || costUsd !== undefined,
    );
  }

  async #lookAtShared(): Promise<void> {
    if (this.#shared === undefined) return;
    const { tokens, costUsd } = await this.#shared.left();
    this.#common = {
      code: 'execution_budget_exceeded',
      ...(tokens !== undefined && { tokens: this.#input + this.#output + tokens }),
      ...(costUsd !== undefined && { costUsd: this.#cost + costUsd }),
    };
  }

  #affordable(limit: Limit, ref: ModelName, promptTokens: number, parallel: number): number {
    if (limit.costUsd === undefined) return Infinity;
    const price = this.#priceOf(ref);
    if (price === undefined)
      return fail(
        'configuration_invalid',
        `A budget in US dollars cannot be kept with the model ${ref.model}: its price is unknown. LLM_PRICES gives prices; a budget may also be in tokens`,
      );
    const left = (limit.costUsd - this.#cost) / parallel - costOf(price, promptTokens, 0);
    if (left <= 0) return 0;
    return price.output === 0 ? Infinity : left / (price.output / 1e6);
  }

  #priceOf({ provider, model }: ModelName): Price | undefined {
    const keys = [`${provider}/${model}`, model];
    const known = keys.find((key) => Object.hasOwn(this.prices, key));
    return known === undefined ? undefined : this.prices[known];
  }

  #refuse({ code, tokens, costUsd }: Limit, next?: number): never {
    const { usage } = this;
    const details: JsonObject = {
      used: usage === null ? null : { ...usage },
      limit: {
        ...(tokens !== undefined && { tokens }),
        ...(costUsd !== undefined && { cost_usd: costUsd }),
      },
    };
    const most = [
      ...(tokens === undefined ? [] : [`${String(tokens)} tokens`]),
      ...(costUsd === undefined ? [] : [`${String(costUsd)} US dollars`]),
    ].join(' and ');
    const cost = usage?.cost_usd === undefined ? '' : ` and ${String(usage.cost_usd)} US dollars`;
    const needed =
      next === undefined ? '' : `, and the next prompt alone is about ${String(next)} tokens long`;
    return fail(
      code,
      `The agent was stopped by ${WORDS[code]} of ${most}; it had used ${String(usage?.total_tokens ?? 0)} tokens${cost}${needed}`,
      details,
    );
  }
}

export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

function costOf(price: Price, inputTokens: number, outputTokens: number): number {
  return (inputTokens * price.input + outputTokens * price.output) / 1e6;
}

/** A hundred-millionth of a dollar is finer than any price of one token. */
function roundCost(cost: number): number {
  return Math.round(cost * 1e8) / 1e8;
}
