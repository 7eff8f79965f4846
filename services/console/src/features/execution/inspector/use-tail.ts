import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';

/** Closer to the end than this counts as there. */
const NEAR_PX = 24;

export interface Tail {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** Lines that came while somebody was looking at earlier ones. */
  readonly unseen: number;
  readonly toEnd: () => void;
}

/** Keeps the end of a growing list in sight until the person scrolls up, and from where they come back to it. */
export function useTail(count: number): Tail {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<number>();
  const isFollowing = seen === undefined;

  const scroll = (): void => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  const toEnd = (): void => {
    setSeen(undefined);
    scroll();
  };
  const follow = useEffectEvent(() => {
    if (isFollowing) scroll();
  });
  useEffect(() => {
    follow();
  }, [count]);

  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (left <= NEAR_PX) setSeen(undefined);
    else if (isFollowing) setSeen(count);
  };
  return { box, onScroll, unseen: seen === undefined ? 0 : Math.max(0, count - seen), toEnd };
}
