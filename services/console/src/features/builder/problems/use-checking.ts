import { useEffect } from 'react';
import { useBuilder } from '../store';
import { check } from './problems-store';

/** Checking a large workflow takes a while: it waits for a pause in typing. */
const SETTLE_MS = 300;

/** Keeps the list of problems up with the document for as long as the page is open. */
export function useChecking(): void {
  const document = useBuilder((state) => state.document);
  const isOpen = useBuilder((state) => state.workflowId !== undefined);
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => check(document), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [document, isOpen]);
}
