export { createStream, type Stream, type StreamOptions } from './stream.js';
export { DEFAULT_STREAM_SETTINGS, type StreamSettings } from './settings.js';
