import { useEffect, useState } from "./html.js";

// A value that components follow: `signal.value`, `signal.set(v)`, `useSignal(signal)`.
export function signal(value) {
  const followers = new Set();
  return {
    get value() {
      return value;
    },
    set(changed) {
      value = changed;
      for (const follow of [...followers]) follow(changed);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

export function useSignal(followed) {
  const [, show] = useState({});
  useEffect(() => followed.follow(() => show({})), [followed]);
  return followed.value;
}
