// What do the claim's conditions say?
import type { Condition } from '../../api/conditions.ts';
import { Ago } from './ago.tsx';

export function Conditions({ conditions }: { conditions: Condition[] }) {
  return (
    <section>
      <h2>Conditions</h2>
      {conditions.length === 0 && <p class="reading">None yet: nobody has looked at the claim.</p>}
      <ul class="conditions">
        {conditions.map((condition, index) => (
          <li key={condition.type}>
            <div class="condition-head">
              <code>
                {condition.type}={condition.status}
              </code>
              <strong>{condition.reason}</strong>
              <Ago at={condition.lastTransitionTime} suffix="" />
            </div>
            {condition.message !== conditions[index - 1]?.message && <p>{condition.message}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
