import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface SliderProps {
  /** With its unit. */
  readonly label: string;
  /** A whole number of 0 to `most`. */
  readonly value: number;
  readonly most: number;
  /** Of the slider; the number may be any. */
  readonly step: number;
  /** Gets a value once a person is done with it. */
  readonly onSet: (value: number) => void;
}

/** A number that can be dragged, or typed beside that. */
export function Slider({ label, value, most, step, onSet }: SliderProps) {
  const id = useId();
  /** What is being typed or dragged. */
  const draft = useSignal<string | undefined>(undefined);
  const shared = {
    min: 0,
    max: most,
    required: true,
    value: draft.value ?? String(value),
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
      draft.value = currentTarget.value;
    },
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
      if (!currentTarget.reportValidity()) return;
      draft.value = undefined;
      onSet(currentTarget.valueAsNumber);
    },
  };
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input id={id} type="number" step={1} {...shared} />
      <input type="range" step={step} aria-label={`${label}: slider`} {...shared} />
    </div>
  );
}
