import type { Tone } from './tone.ts';

/** A state such as `routing.quoting`. */
export function Pill({ state, tone }: { readonly state: string; readonly tone: Tone }) {
  const [outer = '', ...inner] = state.split('.');
  return (
    <span class={`pill ${tone}`}>
      <i />
      {outer}
      {inner.map((name) => (
        <em key={name}>{name}</em>
      ))}
    </span>
  );
}
