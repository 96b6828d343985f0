/** The AsyncAPI document: the addresses, what they carry, and the fields of each message. */
import { render } from 'preact';
import { get } from '../api/rest.ts';
import { TryStream } from './try-stream.tsx';

interface Field {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}

interface Channel {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly messages: Readonly<Record<string, unknown>>;
}

interface Streams {
  readonly info: { readonly description: string };
  readonly channels: Readonly<Record<string, Channel>>;
  readonly components: {
    readonly messages: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

export async function showStreams(place: HTMLElement): Promise<void> {
  try {
    // This release's own server wrote it.
    render(<StreamDocuments document={(await get('asyncapi.json')) as Streams} />, place);
  } catch (error) {
    render(
      <p role="alert">{error instanceof Error ? error.message : 'The document cannot be read.'}</p>,
      place,
    );
  }
}

function StreamDocuments({ document: { info, channels, components } }: { readonly document: Streams }) {
  return (
    <>
      <p>{info.description}</p>
      <TryStream />
      <h2>Addresses</h2>
      {Object.entries(channels).map(([name, channel]) => (
        <section key={name}>
          <h3>{channel.title}</h3>
          <pre>{channel.address}</pre>
          <p>{channel.description}</p>
          <p>
            {Object.keys(channel.messages).map((message) => (
              <a key={message} href={`#${message}`} onClick={(event) => jump(event, message)}>
                {`${message} `}
              </a>
            ))}
          </p>
        </section>
      ))}
      <h2>Messages</h2>
      {Object.keys(components.messages).map((name) => (
        <Message key={name} name={name} schema={components.schemas[name] ?? {}} />
      ))}
    </>
  );
}

/** The fragment says which part of the page is shown. */
function jump(event: Event, name: string): void {
  event.preventDefault();
  document.getElementById(`message-${name}`)?.scrollIntoView();
}

function Message({ name, schema }: { readonly name: string; readonly schema: Schema }) {
  const { properties = {}, required = [], examples = [] } = schema;
  return (
    <section id={`message-${name}`}>
      <h3>{name}</h3>
      <table>
        <thead>
          <tr>
            <th>field</th>
            <th>type</th>
            <th>meaning</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(properties).map(([field, about]) => (
            <tr key={field}>
              <td>
                <code>{field}</code>
                {required.includes(field) ? '' : ' (optional)'}
              </td>
              <td>{typeOf(about)}</td>
              <td>{about.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {examples.map((example) => (
        <pre key="example">{JSON.stringify(example, null, 2)}</pre>
      ))}
    </section>
  );
}

function typeOf({ type, const: constant, enum: values, format }: Field): string {
  if (constant !== undefined) return JSON.stringify(constant);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ');
  return [type, format].flat().filter(Boolean).join(', ');
}
