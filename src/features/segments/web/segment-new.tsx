/** A new segment: start from a ready-made one or from nothing; the definition stands in the address. */
import { Button, TextInput } from '@mantine/core';
import { ApiError, faultAt, PageHeader, Panel, text, useGo, useMay, useMutationOf, useTexts, useUrl } from '../../../ui/index.ts';
import type { Definition } from '../definition.ts';
import { Editor } from './editor.tsx';
import { PresetsGallery } from './presets-gallery.tsx';
import classes from './segments.module.css';
import { useDraftDefinition } from './use-draft-definition.ts';

const SegmentNew = () => {
  const t = useTexts();
  const go = useGo();
  const mayWrite = useMay('segments:write');
  const [url, setUrl] = useUrl({ name: text() });
  const draft = useDraftDefinition(null);
  const save = useMutationOf('POST /api/segments', {
    invalidates: ['/api/segments', '/api/vocabulary'],
    onSuccess: made => go(`/segments/${made.id}`),
  });
  const nameFault =
    faultAt(save.error, 'name') ??
    (save.error instanceof ApiError && save.error.code === 'segments.name_taken' ? save.error.message : undefined);
  const choose = (definition: Definition, name: string) => {
    draft.replace(definition);
    setUrl({ name });
    window.scrollTo({ top: 0 });
  };
  return (
    <>
      <PageHeader title={t('segments.web.new_title')} back={{ to: '/segments', label: t('segments.web.title') }} />
      <Editor
        draft={draft}
        head={
          <div className={classes.head}>
            <TextInput
              size="md"
              className={classes.name}
              label={t('segments.web.name')}
              placeholder={t('segments.web.name_placeholder')}
              value={url.name}
              error={nameFault}
              maxLength={120}
              onChange={event => setUrl({ name: event.currentTarget.value })}
            />
          </div>
        }
        actions={preview =>
          mayWrite && (
            <Button
              loading={save.isPending}
              disabled={url.name.trim() === '' || preview.data === null || preview.error !== null}
              onClick={() => save.mutate({ body: { name: url.name.trim(), definition: draft.definition } })}
            >
              {t('segments.web.save')}
            </Button>
          )
        }
        foot={
          <Panel title={t('segments.web.presets')} description={t('segments.web.presets_why')}>
            <PresetsGallery onChoose={preset => choose(preset.definition, url.name || preset.name)} />
          </Panel>
        }
      />
    </>
  );
};

export default SegmentNew;
