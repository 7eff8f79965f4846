import { clsx, type ClassValue } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

const merge = extendTailwindMerge({
  extend: { classGroups: { 'font-size': [{ text: ['11', '12', '13', '15', '18', '24'] }] } },
});

/** Class names in order; of two that set the same property the later one wins. */
export function cx(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
