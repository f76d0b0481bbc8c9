import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconDeviceFloppy } from '@tabler/icons-react';
import { useState } from 'react';
import { faultAt, Link, notifyDone, Panel, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import classes from './imports.module.css';

/** Keeps these answers under a name for the next file, or takes over those of an earlier one. */
export const KeepMapping = ({ one, onUse }: { one: ImportAnswer; onUse: (mappingId: string) => void }) => {
  const t = useTexts();
  const saved = useQueryOf('GET /api/imports/mappings');
  const [name, setName] = useState(one.saved_mapping?.name ?? '');
  const save = useMutationOf('POST /api/imports/mappings', {
    invalidates: ['/api/imports'],
    onSuccess: mapping => notifyDone(t('imports.mapping.saved', { name: mapping.name })),
  });
  const others = (saved.data?.data ?? []).filter(mapping => mapping.id !== one.saved_mapping?.id);
  const isReplaced = saved.data?.data.some(mapping => mapping.name.toLowerCase() === name.trim().toLowerCase()) ?? false;
  return (
    <Panel
      title={t('imports.mapping.title')}
      description={t('imports.mapping.about')}
      actions={
        <Button component={Link} to="/imports/mappings" variant="subtle" size="compact-md">
          {t('imports.mappings.all')}
        </Button>
      }
    >
      <div className={classes.keep}>
        <form
          className={classes.inline}
          onSubmit={event => {
            event.preventDefault();
            save.mutate({ body: { import_id: one.id, name } });
          }}
        >
          <TextInput
            label={t('imports.mapping.name')}
            placeholder={t('imports.mapping.name.example')}
            value={name}
            maxLength={80}
            autoComplete="off"
            error={faultAt(save.error, 'name')}
            onChange={event => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            leftSection={<IconDeviceFloppy size={16} />}
            loading={save.isPending}
            disabled={name.trim() === '' || one.mapping.length === 0}
          >
            {t(isReplaced ? 'imports.mapping.replace' : 'imports.mapping.save')}
          </Button>
        </form>
        {others.length > 0 && (
          <NativeSelect
            label={t('imports.mapping.use')}
            value=""
            onChange={event => event.currentTarget.value !== '' && onUse(event.currentTarget.value)}
            data={[
              { value: '', label: t('imports.mapping.choose') },
              ...others.map(mapping => ({ value: mapping.id, label: mapping.name })),
            ]}
          />
        )}
      </div>
    </Panel>
  );
};
