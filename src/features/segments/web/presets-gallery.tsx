import { UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowRight,
  IconCake,
  IconCategory,
  IconClockPause,
  IconCrown,
  IconDiscount,
  IconEye,
  IconHeart,
  IconPackage,
  IconRefresh,
  IconSeeding,
  IconShoppingCart,
  IconTrendingDown,
  IconUserPlus,
  IconZzz,
} from '@tabler/icons-react';
import { Loaded, SkeletonPanel, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { Definition } from '../definition.ts';
import classes from './segments.module.css';

const icons: Record<string, typeof IconCrown> = {
  slipping: IconTrendingDown,
  several_not_since: IconClockPause,
  high_value: IconCrown,
  vip: IconCrown,
  loyal: IconHeart,
  first_time: IconSeeding,
  repeat: IconRefresh,
  at_risk: IconAlertTriangle,
  inactive: IconZzz,
  price_sensitive: IconDiscount,
  bargain_hunters: IconDiscount,
  cart_abandoners: IconShoppingCart,
  browsers: IconEye,
  needs_next: IconPackage,
  category_loyalists: IconCategory,
  returners: IconRefresh,
  birthday: IconCake,
  newly_known: IconUserPlus,
};

export type Chosen = { name: string; why: string; definition: Definition };

/** Ready-made segments, each with its reason; pressing one opens it in the builder. */
export const PresetsGallery = ({ onChoose, most }: { onChoose: (preset: Chosen) => void; most?: number }) => {
  const t = useTexts();
  const presets = useQueryOf('GET /api/segments/presets', {}, { staleTime_ms: 300_000 });
  return (
    <Loaded query={presets} skeleton={<SkeletonPanel />}>
      {({ data }) => (
        <ul className={classes.presets}>
          {data
            .filter(preset => preset.available)
            .slice(0, most)
            .map(preset => {
              const Icon = icons[preset.code] ?? IconSeeding;
              return (
                <li key={preset.code}>
                  <UnstyledButton
                    className={classes.preset}
                    onClick={() =>
                      onChoose({ name: t(preset.name), why: t(preset.why), definition: preset.definition as Definition })
                    }
                  >
                    <span className={classes.presetIcon} aria-hidden="true">
                      <Icon size={19} />
                    </span>
                    <span className={classes.presetText}>
                      <b>{t(preset.name)}</b>
                      <span>{t(preset.why)}</span>
                    </span>
                    <IconArrowRight size={16} className={classes.presetArrow} aria-hidden="true" />
                  </UnstyledButton>
                </li>
              );
            })}
        </ul>
      )}
    </Loaded>
  );
};
