// A demo office for looking at the desk without the shell. Names other than Phan Ngọc Thọ are invented.

import type {
  Agency,
  Checked,
  DispatchItem,
  DocumentRef,
  Incoming,
  Letter,
  LetterItem,
  Office,
  Place,
  Question,
  SignatureCard,
  TokenStatus,
} from "./bindings";

const today = (time: string): string => `${new Date().toISOString().slice(0, 10)}T${time}+07:00`;
const yesterday = (time: string): string => new Date(Date.parse(today(time)) - 86_400_000).toISOString();

export const office: Office = {
  agency: "Ủy ban nhân dân tỉnh Thừa Thiên Huế",
  agencyId: "000.00.00.H57",
  people: [
    { role: "leader", name: "Phan Ngọc Thọ", title: "Phó Chủ tịch UBND tỉnh" },
    { role: "clerk", name: "Hoàng Thu Hằng", title: "văn thư" },
  ],
  language: "vi",
  theme: "system",
  opened: null,
  server: { state: "synced", at: today("09:38:00") },
};

export const agencies: Agency[] = [
  { id: "000.00.00.H57", name: "Ủy ban nhân dân tỉnh Thừa Thiên Huế", parent: null },
  { id: "000.00.12.H57", name: "Sở Thông tin và Truyền thông", parent: "UBND tỉnh Thừa Thiên Huế" },
  { id: "000.00.07.H57", name: "Sở Nội vụ", parent: "UBND tỉnh Thừa Thiên Huế" },
  { id: "000.00.21.H57", name: "UBND thành phố Huế", parent: "UBND tỉnh Thừa Thiên Huế" },
  { id: "000.00.23.H57", name: "UBND huyện Phong Điền", parent: "UBND tỉnh Thừa Thiên Huế" },
  { id: "001.00.23.H57", name: "UBND thị trấn Phong Điền", parent: "huyện Phong Điền" },
  { id: "002.00.23.H57", name: "Phòng Văn hóa và Thông tin huyện Phong Điền", parent: "huyện Phong Điền" },
];

export const tokens: Record<"leader" | "clerk", TokenStatus> = {
  leader: {
    state: "ready",
    label: "USB token Phan Ngọc Thọ",
    countLow: false,
    finalTry: false,
    pinPad: false,
    subject: "Phan Ngọc Thọ",
    notAfter: "2028-08-14T00:00:00Z",
    advice: null,
  },
  clerk: {
    state: "ready",
    label: "Dấu UBND tỉnh",
    countLow: false,
    finalTry: false,
    pinPad: false,
    subject: "Ủy ban nhân dân tỉnh Thừa Thiên Huế",
    notAfter: "2029-01-31T00:00:00Z",
    advice: null,
  },
};

const A4 = { width: 595.3, height: 841.89 };
export const document = (name: string, pages: number): DocumentRef => ({
  token: name,
  pages: Array.from({ length: pages }, () => A4),
});
const picture = (name: string, width: number, height: number): DocumentRef => ({ token: name, pages: [{ width, height }] });

const questions = (changed: Partial<Record<Question["key"], Omit<Question, "key">>> = {}): Question[] => [
  {
    key: "intact",
    answer: "yes",
    title: "Còn nguyên vẹn",
    evidence: "Không có gì thay đổi sau chữ ký cuối cùng",
    ...changed.intact,
  },
  { key: "who", answer: "yes", title: "Đúng người ký", evidence: "Phan Ngọc Thọ; UBND tỉnh Thừa Thiên Huế", ...changed.who },
  {
    key: "certificate",
    answer: "yes",
    title: "Chứng thư có hiệu lực lúc ký",
    evidence: "Không bị thu hồi, kiểm tra lúc 10:05",
    ...changed.certificate,
  },
  {
    key: "time",
    answer: "yes",
    title: "Thời điểm ký được chứng minh",
    evidence: "Dấu thời gian của máy chủ thử nghiệm",
    ...changed.time,
  },
];

export const approval: SignatureCard = {
  field: "LanhDao",
  name: "Phan Ngọc Thọ",
  title: "Phó Chủ tịch UBND tỉnh",
  organ: "UBND tỉnh Thừa Thiên Huế",
  claimedAt: today("09:41:07"),
  bestAt: today("09:41:09"),
  provenTime: true,
  page: 2,
  rect: [370, 213, 500, 291],
  verdict: "valid",
  act: "approve",
  questions: questions(),
};
export const stamped: SignatureCard = {
  ...approval,
  field: "CoQuan",
  name: "UBND tỉnh Thừa Thiên Huế",
  title: null,
  claimedAt: today("10:03:22"),
  bestAt: today("10:03:24"),
  rect: [318, 196, 420, 298],
  act: "issue",
};

const leaderPlace: Place = {
  kind: "leader",
  page: 2,
  rect: [370, 213, 500, 291],
  text: null,
  image: picture("signature", 130, 78),
};
const issuePlaces: Place[] = [
  { kind: "number", page: 0, rect: [132, 727, 161, 744], text: null, image: null },
  { kind: "day", page: 0, rect: [408, 726, 431, 743], text: "26", image: null },
  { kind: "month", page: 0, rect: [460.5, 726, 483, 743], text: "12", image: null },
  { kind: "seal", page: 2, rect: [318, 196, 420, 298], text: null, image: picture("seal", 102, 102) },
];

type Seed = Pick<LetterItem, "id" | "typeName" | "subject" | "source" | "at" | "notation"> &
  Partial<Pick<LetterItem, "urgency" | "state">> & { document: string };

function letter({ document: name, ...seed }: Seed): Letter {
  const pages = { directive: 3, "cong-van": 2, "giay-moi": 1 }[name] ?? 1;
  return {
    urgency: "normal",
    state: "waiting",
    pages,
    document: document(name, pages),
    places: [leaderPlace, ...issuePlaces].map((place) => ({ ...place, page: Math.min(place.page, pages - 1) })),
    signatures: [],
    recipientsFound: [
      "TT Tỉnh ủy, TT HĐND tỉnh",
      "CT, các PCT UBND tỉnh",
      "Các sở, ban, ngành cấp tỉnh",
      "UBND các huyện, thị xã, TP Huế",
      "Cổng TTĐT tỉnh",
      "VP: LĐ, các CV",
      "Lưu: VT, CN",
    ],
    signer: office.people[0] ?? null,
    notices: [],
    dispatch: null,
    ...seed,
  };
}

const DIRECTIVE = "Tăng cường trao đổi văn bản điện tử và ứng dụng chữ ký số trong các cơ quan nhà nước trên địa bàn tỉnh Thừa Thiên Huế";

export const letters: Letter[] = [
  letter({ id: "w1", typeName: "Công điện", subject: "Phòng, chống mưa lũ muộn và vận hành hồ chứa từ ngày 26/12", source: "Sở NN&PTNT", at: today("08:51:00"), notation: "…/CĐ-UBND", urgency: "hoa-toc", document: "giay-moi" }),
  letter({ id: "w2", typeName: "Giấy mời", subject: "Họp triển khai phòng, chống rét cho cây trồng, vật nuôi vụ Đông Xuân", source: "Văn phòng UBND tỉnh", at: today("08:40:00"), notation: "…/GM-UBND", urgency: "khan", document: "giay-moi" }),
  letter({ id: "w3", typeName: "Chỉ thị", subject: DIRECTIVE, source: "Sở TT&TT", at: today("08:12:00"), notation: "…/2014/CT-UBND", document: "directive" }),
  letter({ id: "w4", typeName: "Quyết định", subject: "Phê duyệt Kế hoạch ứng dụng công nghệ thông tin năm 2015", source: "Sở TT&TT", at: today("08:05:00"), notation: "…/QĐ-UBND", document: "cong-van" }),
  letter({ id: "w5", typeName: "Công văn", subject: "V/v thẩm định dự toán kinh phí triển khai chữ ký số năm 2015", source: "Sở Tài chính", at: yesterday("16:20:00"), notation: "…/UBND-TH", document: "cong-van" }),
  letter({ id: "s1", typeName: "Chỉ thị", subject: DIRECTIVE, source: "Phan Ngọc Thọ", at: today("09:41:00"), notation: "…/2014/CT-UBND", state: "signed", document: "directive" }),
  letter({ id: "s2", typeName: "Quyết định", subject: "Phê duyệt quyết toán Dự án nâng cấp đường tỉnh 10A", source: "Phan Ngọc Thọ", at: today("08:47:00"), notation: "…/QĐ-UBND", state: "signed", document: "cong-van" }),
];
for (const signed of letters.filter(({ state }) => state === "signed")) {
  signed.signatures = [approval];
  signed.places = signed.places.filter(({ kind }) => kind !== "leader");
}

const to = (id: string) => {
  const { name } = agencies.find((agency) => agency.id === id) ?? { name: id };
  return { id, name };
};

const SYSTEM = "Hệ thống quản lý văn bản và điều hành tỉnh";

export const dispatches: DispatchItem[] = [
  {
    id: "d1",
    letterId: "l1",
    subject: "Tăng cường trao đổi văn bản điện tử và ứng dụng chữ ký số",
    notation: "77/2014/CT-UBND",
    state: "sent",
    cause: null,
    nextAt: null,
    attempts: 1,
    overdue: false,
    deliveries: [
      { agency: to("000.00.12.H57"), state: "accepted", at: today("10:06:00"), reason: null },
      { agency: to("000.00.23.H57"), state: "arrived", at: today("10:05:00"), reason: null },
      { agency: to("000.00.07.H57"), state: "rejected", at: today("10:31:00"), reason: "Tệp không mở được, đề nghị gửi lại." },
      { agency: to("000.00.21.H57"), state: "none", at: today("10:04:00"), reason: null },
    ],
    receipts: [
      { type: "SubmissionAcceptance", at: today("10:04:00"), verified: true, issuer: SYSTEM, recipient: null },
      { type: "Arrival", at: today("10:05:00"), verified: true, issuer: SYSTEM, recipient: "Ủy ban nhân dân huyện Phong Điền" },
      { type: "Acceptance", at: today("10:06:00"), verified: true, issuer: SYSTEM, recipient: "Sở Thông tin và Truyền thông" },
      { type: "Refusal", at: today("10:31:00"), verified: false, issuer: SYSTEM, recipient: "Sở Nội vụ" },
    ],
  },
  {
    id: "d2",
    letterId: "l2",
    subject: "V/v báo cáo tình hình thực hiện nhiệm vụ năm 2014",
    notation: "6118/UBND-TH",
    state: "queued",
    cause: { what: "Không kết nối được với trục văn bản tỉnh.", advice: "Kiểm tra dây mạng; chương trình tự thử lại." },
    nextAt: today("10:45:00"),
    attempts: 3,
    overdue: false,
    deliveries: [{ agency: to("000.00.23.H57"), state: "none", at: null, reason: null }],
    receipts: [],
  },
  {
    id: "d3",
    letterId: "l3",
    subject: "Họp triển khai phòng, chống rét cho cây trồng, vật nuôi",
    notation: "512/GM-UBND",
    state: "unknown",
    cause: null,
    nextAt: today("10:46:00"),
    attempts: 1,
    overdue: false,
    deliveries: [{ agency: to("000.00.12.H57"), state: "none", at: null, reason: null }],
    receipts: [],
  },
];

const checked = (verdict: Checked["verdict"], change: Partial<Checked> = {}): Checked => ({
  file: "CT-77-2014-UBND-tang-cuong-CNTT.pdf",
  document: document("directive", 3),
  verdict,
  caution: false,
  sentence: "Chữ ký hợp lệ, văn bản không bị sửa sau khi ký",
  cause: "Phan Ngọc Thọ ký 09:41, UBND tỉnh Thừa Thiên Huế đóng dấu 10:03 ngày 26/12/2014.",
  action: null,
  signatures: [approval, stamped],
  notices: [],
  missing: [],
  fetchable: false,
  asked: [],
  demo: null,
  basis: ["Dữ liệu tin cậy: phiên bản 1, ngày 24/11/2026, đã 0 ngày."],
  technical: JSON.stringify({
    verdict: "valid",
    signatures: [
      { field: "LanhDao", indication: "TOTAL-PASSED", level: "PAdES-B-T", docmdp: 2 },
      { field: "CoQuan", indication: "TOTAL-PASSED", level: "PAdES-B-T", docmdp: "FORM_FILLING" },
    ],
  }),
  ...change,
});

export const opened: Record<string, Checked> = {
  "/tmp/mot-byte-bi-doi.pdf": checked("invalid", {
    file: "mot-byte-bi-doi.pdf",
    sentence: "Không hợp lệ: nội dung đã bị sửa sau khi ký",
    cause: "Trang 1 khác bản đã ký 09:41 ngày 26/12/2014. Không dùng văn bản này.",
    action: "Báo nơi gửi, đề nghị gửi lại bản gốc.",
    notices: ["Có hình hoặc phông không đọc được, trang có thể thiếu"],
    signatures: [{ ...approval, verdict: "invalid", questions: questions({ intact: { answer: "no", title: "Không còn nguyên vẹn", evidence: "Trang 1 khác với bản đã ký" } }) }],
  }),
  "/tmp/khong-ve-duoc.pdf": checked("unverified", {
    file: "khong-ve-duoc.pdf",
    document: null,
    sentence: "Chưa xác minh được chữ ký",
    notices: ["Không vẽ được trang của văn bản này.", "Mở lại văn bản; nếu vẫn vậy, tệp có thể hỏng."],
  }),
  "/tmp/thieu-du-lieu.pdf": checked("unverified", {
    file: "thieu-du-lieu.pdf",
    sentence: "Chưa xác minh được: chưa có thông tin thu hồi chứng thư",
    cause: "Phan Ngọc Thọ ký lúc 09:41:05 26/12/2014",
    action: "Lấy dữ liệu còn thiếu rồi xem lại; văn bản còn nguyên vẹn.",
    missing: ["thông tin thu hồi chứng thư của Phan Ngọc Thọ (có ở ca.gov.vn, ocsp.ca.gov.vn)"],
    fetchable: true,
    signatures: [
      {
        ...approval,
        verdict: "unverified",
        questions: questions({
          certificate: { answer: "unknown", title: "Hiệu lực chứng thư: chưa rõ", evidence: "Chưa lấy được thông tin thu hồi" },
        }),
      },
    ],
  }),
  "/home/van-thu/CT-77-2014-UBND-tang-cuong-CNTT.pdf": checked("valid", { sentence: "2 chữ ký hợp lệ" }),
};

type Arrived = Pick<Incoming, "id" | "from" | "notation" | "subject" | "at"> & Partial<Incoming> & { verification: Checked };
const arrived = (seed: Arrived): Incoming => ({
  urgency: "normal",
  state: "new",
  verdict: seed.verification.verdict,
  document: seed.verification.document,
  receipts: [],
  arrivalNumber: null,
  ...seed,
});

export const incoming: Incoming[] = [
  arrived({ id: "i1", from: "UBND tỉnh Thừa Thiên Huế", notation: "77/2014/CT-UBND", subject: "Tăng cường trao đổi văn bản điện tử và ứng dụng chữ ký số trong các cơ quan nhà nước", at: today("10:05:00"), verification: checked("valid") }),
  arrived({
    id: "i2",
    from: "Bộ TT&TT",
    notation: "4021/BTTTT-CNTT",
    subject: "V/v báo cáo tình hình ứng dụng chữ ký số năm 2014",
    at: today("09:52:00"),
    verification: checked("unverified", {
      document: document("cong-van", 2),
      sentence: "Chưa xác minh được chữ ký",
      cause: "Nội dung còn nguyên vẹn. Máy chủ của Ban Cơ yếu Chính phủ không trả lời từ 09:50 nên chưa biết chứng thư có bị thu hồi hay không.",
      action: "Chương trình tự hỏi lại sau mỗi 5 phút và báo khi có kết quả. Cần ngay thì cập nhật dữ liệu tin cậy từ USB do Sở TT&TT cấp.",
      signatures: [
        {
          ...approval,
          verdict: "unverified",
          questions: questions({
            certificate: { answer: "unknown", title: "Hiệu lực lúc ký: chưa rõ", evidence: "Danh sách thu hồi trên máy đã cũ 9 ngày (17/12/2014)" },
          }),
        },
      ],
    }),
  }),
  arrived({
    id: "i3",
    from: "Sở Tài chính",
    notation: "3218/STC-HCSN",
    subject: "V/v cấp bổ sung kinh phí triển khai chữ ký số năm 2014",
    at: today("09:31:00"),
    verification: checked("invalid", {
      document: document("cong-van", 2),
      sentence: "Không hợp lệ: nội dung đã bị sửa sau khi ký",
      cause: "Trang 1 khác bản Sở Tài chính ký 15:12 ngày 24/12/2014. Không dùng văn bản này.",
      signatures: [
        {
          ...approval,
          verdict: "invalid",
          questions: questions({ intact: { answer: "no", title: "Không còn nguyên vẹn", evidence: "Trang 1 khác với bản đã ký" } }),
        },
      ],
    }),
  }),
];
