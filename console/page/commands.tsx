// What can a person do with the claim? (the page shows the commands, it runs none)
import type { ClaimSummary } from '../model/views.ts';
import { buildCommandLines } from './command-lines.ts';
import { CopyButton } from './copy-button.tsx';

export function Commands({ claim }: { claim: ClaimSummary }) {
  return (
    <section>
      <h2>Commands</h2>
      <ul class="commands">
        {buildCommandLines(claim).map(({ purpose, command }) => (
          <li key={purpose}>
            <span>{purpose}</span>
            <code>{command}</code>
            <CopyButton text={command} what={`the command: ${command}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}
