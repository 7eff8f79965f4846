import { jsonValue, type JsonValue } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { plural } from '@/lib/format';
import { useSubmit } from '@/lib/use-submit';
import { useRenewEvents } from './queries';

interface SendEventDialogProps {
  event: { readonly name: string; readonly key: string };
  onClose: () => void;
}

/** undefined when the text is no JSON. */
function parsePayload(text: string): JsonValue | undefined {
  try {
    return jsonValue.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Sends an event by hand, as another system would. */
export function SendEventDialog({ event, onClose }: SendEventDialogProps) {
  const renew = useRenewEvents();
  const [name, setName] = useState(event.name);
  const [key, setKey] = useState(event.key);
  const [text, setText] = useState('{}');
  const payload = parsePayload(text);
  /** The same for every try of this dialog: an answer that was lost must not make two events. */
  const [id] = useState(() => crypto.randomUUID());

  const { busy, error, onSubmit } = useSubmit(payload !== undefined, async () => {
    const { delivered } = await api.events.send({ name: name.trim(), key, payload, id });
    const title =
      delivered > 0
        ? `${plural(delivered, 'step')} received it`
        : 'Nobody waits for it: it is kept for a day';
    toast({ title });
    await renew();
    onClose();
  });

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Send an event"
      description="As another system would with POST /events."
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <Field label="Name" required>
          {(control) => (
            <Input
              {...control}
              value={name}
              required
              className="font-mono"
              onChange={(changed) => setName(changed.target.value)}
            />
          )}
        </Field>
        <Field label="Key" hint="Compared exactly; empty where the step waits without one.">
          {(control) => (
            <Input
              {...control}
              value={key}
              className="font-mono"
              onChange={(changed) => setKey(changed.target.value)}
            />
          )}
        </Field>
        <Field
          label="Payload (JSON)"
          hint="Becomes the output of the step."
          error={payload === undefined ? 'This is no JSON.' : undefined}
        >
          {(control) => (
            <Textarea
              {...control}
              value={text}
              rows={5}
              spellCheck={false}
              className="font-mono text-12"
              onChange={(changed) => setText(changed.target.value)}
            />
          )}
        </Field>
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            disabledReason={payload === undefined ? 'The payload is no JSON.' : undefined}
          >
            Send
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
