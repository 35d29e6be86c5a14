// What does the address say, and how is it changed?
import { useCallback, useEffect, useState } from 'preact/hooks';
import { buildHash, parseHash, type ViewState } from './view-state.ts';

/** The state, and a function that replaces it without a step in the browser's history. Links make steps. */
export function useViewState(): [ViewState, (state: ViewState) => void] {
  const [state, setState] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const onChange = () => {
      setState(parseHash(location.hash));
    };
    addEventListener('hashchange', onChange);
    return () => {
      removeEventListener('hashchange', onChange);
    };
  }, []);
  const replace = useCallback((next: ViewState) => {
    history.replaceState(null, '', buildHash(next));
    setState(next);
  }, []);
  return [state, replace];
}
