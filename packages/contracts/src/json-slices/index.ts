export { parseJsonSlices } from './parse.js';
export { type JsonPieces, textLength } from './pieces.js';
export {
  atOnce,
  inTurns,
  JsonLimitError,
  type JsonExcess,
  type JsonLimits,
  nextTurn,
  type Slices,
} from './slices.js';
export { isSmallJson, writeJsonSlices, type WrittenJson } from './write.js';
