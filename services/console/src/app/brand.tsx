/** A mill wheel and the name. */
export function Brand() {
  return (
    <span className="flex items-center gap-2">
      <svg viewBox="0 0 32 32" aria-hidden className="size-6">
        <rect width="32" height="32" rx="7" className="fill-accent" />
        <g fill="none" className="stroke-on-accent" strokeWidth="2.4" strokeLinecap="round">
          <circle cx="16" cy="16" r="7.5" />
          <path d="M16 4.5v6M16 21.5v6M4.5 16h6M21.5 16h6" />
        </g>
      </svg>
      <span className="text-15 font-semibold max-sm:sr-only">Millrace</span>
    </span>
  );
}
