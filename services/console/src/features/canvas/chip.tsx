import type { Identity } from './identity';

/** The mark of a kind: agents a rounded hexagon in their colour, tools a grey square. Decoration; the name stands beside it. */
export function Chip({
  identity: { icon: Icon, shape, color },
  size = 32,
}: {
  identity: Identity;
  size?: number;
}) {
  return (
    <span
      aria-hidden
      className="relative flex shrink-0 items-center justify-center"
      style={{ width: size, height: size }}
    >
      <svg viewBox="0 0 32 32" className="absolute inset-0 size-full" style={{ color }}>
        {shape === 'agent' ? (
          <path
            d="M16 3.500L26.800 9.750v12.500L16 28.500L5.200 22.250V9.750Z"
            fill="currentColor"
            stroke="currentColor"
            strokeWidth="5"
            strokeLinejoin="round"
          />
        ) : (
          <rect x="1" y="1" width="30" height="30" rx="4" className="fill-hover stroke-line" />
        )}
      </svg>
      <Icon
        className="relative"
        style={{ width: size / 2, height: size / 2, color: shape === 'agent' ? 'var(--on-identity)' : color }}
      />
    </span>
  );
}
