import { Radio, Stack } from '@mantine/core';
import { Loaded, useQueryOf, useSession } from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleHint, roleName } from './role-name.tsx';

type Props = { label: string; value: string; onChange: (roleId: string) => void; error?: string };

/** One role, with what it is for beside it. Only owners are offered "owner". */
export const RolePicker = ({ label, value, onChange, error }: Props) => {
  const me = useSession();
  const roles = useQueryOf('GET /api/roles');
  return (
    <Loaded query={roles}>
      {({ data }) => (
        <Radio.Group label={label} value={value} onChange={onChange} error={error}>
          <Stack gap="sm" mt="xs">
            {data
              .filter(role => role.grantable && (role.code !== 'owner' || me?.role.code === 'owner'))
              .map(role => (
                <Radio
                  key={role.id}
                  value={role.id}
                  classNames={{ label: classes.label }}
                  label={
                    <>
                      {roleName(role)}
                      <span className={classes.hint}>{role.description || roleHint(role)}</span>
                    </>
                  }
                />
              ))}
          </Stack>
        </Radio.Group>
      )}
    </Loaded>
  );
};
