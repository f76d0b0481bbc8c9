import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../api.ts';
import { Avatar } from '../components/avatar.tsx';
import { useGo } from '../router.tsx';
import { allActions } from '../screens.ts';
import { mayDo, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import classes from './user-menu.module.css';

const schemes = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const;

export const useSignOut = (): (() => Promise<void>) => {
  const client = useQueryClient();
  const go = useGo();
  return async () => {
    await call('DELETE', '/api/login').catch(() => undefined);
    client.clear();
    client.setQueryData(['GET /api/me'], null);
    go('/login', { replace: true });
  };
};

const UserMenu = ({ onShortcuts }: { onShortcuts: () => void }) => {
  const t = useTexts();
  const go = useGo();
  const me = useSession();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  if (!me) return null;
  const own = allActions().filter(action => action.key.startsWith('me.') && mayDo(me, action.needs));
  return (
    <Menu position="bottom-end" width={250} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={t('ui.me.menu', { name: me.name })}>
          <Avatar name={me.name} size_px={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <bdi className={classes.name}>{me.name}</bdi>
          <bdi className={classes.detail}>{me.email}</bdi>
          <span className={classes.detail}>{me.role.name}</span>
        </div>
        <Menu.Divider />
        <Menu.Label id="scheme">{t('ui.scheme.label')}</Menu.Label>
        {schemes.map(({ value, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={17} />}
            rightSection={colorScheme === value ? <span className={classes.dot} /> : null}
            onClick={() => setColorScheme(value)}
            aria-current={colorScheme === value ? 'true' : undefined}
          >
            {t(`ui.scheme.${value}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {own.map(action => (
          <Menu.Item
            key={action.key}
            leftSection={<action.icon size={17} />}
            onClick={() => (action.to ? go(action.to) : action.run?.(go))}
          >
            {t(action.title)}
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<IconKeyboard size={17} />} onClick={onShortcuts}>
          {t('ui.shortcuts.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={17} />} onClick={() => void signOut()}>
          {t('ui.me.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

export default UserMenu;
