/** The mark: somebody who comes round again, just before the circle closes. */
export const Mark = ({ size_px = 26 }: { size_px?: number }) => (
  <svg width={size_px} height={size_px} viewBox="0 0 32 32" aria-hidden="true">
    <path d="M22.7 6.4A11.6 11.6 0 1 0 27.6 16" fill="none" stroke="var(--accent)" strokeWidth="5" strokeLinecap="round" />
    <circle cx="27" cy="9.2" r="3.4" fill="var(--accent)" />
  </svg>
);
