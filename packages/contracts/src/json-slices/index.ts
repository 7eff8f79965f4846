export { parseJsonSlices } from './parse.js';
export {
  atOnce,
  inTurns,
  JsonLimitError,
  type JsonExcess,
  type JsonLimits,
  nextTurn,
  type Slices,
} from './slices.js';
export { isSmallJson, writeJsonSlices } from './write.js';
