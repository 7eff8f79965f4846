import { arrange, type LayoutRequest } from './layout';

/** Large graphs take seconds to lay out; the page stays alive meanwhile. One request, one answer. */
self.addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  self.postMessage(arrange(data));
});
