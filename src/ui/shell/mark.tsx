/** The mark: a ring of visits, evenly spaced; the next one is expected. */
export const Mark = ({ size_px = 26 }: { size_px?: number }) => (
  <svg width={size_px} height={size_px} viewBox="0 0 32 32" aria-hidden="true">
    {[0, 1, 2, 3, 4, 5, 6].map(index => {
      const angle = ((index * 45 - 45) * Math.PI) / 180;
      return (
        <circle
          key={index}
          cx={16 + 11 * Math.cos(angle)}
          cy={16 + 11 * Math.sin(angle)}
          r={2.1 + index * 0.22}
          fill="var(--accent)"
          opacity={0.35 + index * 0.108}
        />
      );
    })}
    <circle
      cx={16 + 11 * Math.cos((-90 * Math.PI) / 180)}
      cy={16 - 11}
      r="3.1"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="1.8"
      strokeDasharray="2.2 1.9"
    />
  </svg>
);
