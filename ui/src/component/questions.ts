import type { Answer, Question, QuestionKey, SignatureCard } from "../ipc/bindings";

const KEYS: QuestionKey[] = ["intact", "who", "certificate", "time"];
const WORST: Answer[] = ["no", "unknown", "warn", "yes"];

/** The four questions over all signatures: each is answered by the signature that answers it worst. */
export function together(signatures: SignatureCard[]): Question[] {
  return KEYS.flatMap((key) => {
    const answers = signatures.flatMap((signature) => signature.questions.filter((question) => question.key === key));
    const worst = WORST.map((answer) => answers.filter((question) => question.answer === answer)).find(
      (group) => group.length > 0,
    );
    if (!worst?.[0]) return [];
    const evidence = [...new Set(worst.map((question) => question.evidence).filter(Boolean))].join("; ");
    return [{ ...worst[0], evidence }];
  });
}
