const PATHS = {
  copy: 'M5.5 5.5V3.2c0-.7.5-1.2 1.2-1.2h6.1c.7 0 1.2.5 1.2 1.2v6.1c0 .7-.5 1.2-1.2 1.2h-2.3M3.2 5.5h6.1c.7 0 1.2.5 1.2 1.2v6.1c0 .7-.5 1.2-1.2 1.2H3.2c-.7 0-1.2-.5-1.2-1.2V6.7c0-.7.5-1.2 1.2-1.2z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  first: 'M4 3v10M13 3.5v9L6.5 8z',
  back: 'M11.5 3.5v9L4.5 8z',
  forward: 'M4.5 3.5v9L11.5 8z',
  play: 'M5 2.5v11L13.5 8z',
  pause: 'M5.5 3v10M10.5 3v10',
  fit: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13 3L9.5 6.5M3 13l3.5-3.5',
  actual: 'M6.5 2.5v4h-4M9.5 13.5v-4h4M6.5 6.5L3 3M9.5 9.5L13 13',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  plus: 'M8 3v10M3 8h10',
  out: 'M9 2.5h4.5V7M13 3L7.5 8.5M6.5 3.5h-3a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1v-3',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, isFilled = false }: { readonly name: IconName; readonly isFilled?: boolean }) {
  return (
    <svg class={isFilled ? 'icon filled' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
