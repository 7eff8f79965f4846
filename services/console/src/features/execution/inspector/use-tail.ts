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
  const lastTop = useRef(0);
  const [seen, setSeen] = useState<number>();
  const isFollowing = seen === undefined;

  const scroll = (): void => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
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
  useEffect(() => {
    // A line that turns out to take more than one makes the list longer after it was scrolled to its end.
    const list = box.current?.firstElementChild;
    if (!list) return;
    const observer = new ResizeObserver(() => follow());
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    const wentUp = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    if (left <= NEAR_PX) setSeen(undefined);
    // Only a person goes up: a list that has grown is scrolled by nobody.
    else if (isFollowing && wentUp) setSeen(count);
  };
  return { box, onScroll, unseen: seen === undefined ? 0 : Math.max(0, count - seen), toEnd };
}
