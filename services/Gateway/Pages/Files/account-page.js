"use strict";

const texts = {
  "en": {
    resetTitle: "Choose another password",
    resetIntro: "10 to 128 characters. A longer phrase of your own is better than odd characters. "
      + "You will be logged out everywhere.",
    newPassword: "New password",
    again: "The same again",
    resetButton: "Set the password",
    resetDone: "Done: log in with your new password.",
    emailTitle: "Confirm your e-mail address",
    emailIntro: "From then on mails for your CloudPhone account go to the address that this link was mailed to.",
    emailButton: "Confirm",
    emailDone: "Done: your new address counts from now on.",
    noToken: "This link is not whole. Open it from the mail again, or copy all of it.",
    different: "The two are not the same.",
    short: "A password has 10 to 128 characters.",
    common: "This password is too common, or holds little more than your name: take a longer phrase of your own.",
    "invalid-reset-token": "This link is not good any more: it was used, is older than 30 minutes, or the account "
      + "has changed since. Ask for another one.",
    "invalid-email-token": "This link is not good any more: it was used, is older than a day, or the account "
      + "has changed since. Change the address again.",
    "email-taken": "Meanwhile there is another account with this address.",
    tooMany: "Too much at once. Try again in {0} s.",
    away: "That did not work just now. Try again in a moment.",
  },
  "zh-CN": {
    resetTitle: "设置新密码",
    resetIntro: "10 到 128 个字符。较长的、只属于您自己的短语比特殊字符更安全。设置后您将在所有设备上退出登录。",
    newPassword: "新密码",
    again: "再次输入新密码",
    resetButton: "设置密码",
    resetDone: "设置成功，请用新密码登录。",
    emailTitle: "确认您的邮箱地址",
    emailIntro: "确认后，您的 CloudPhone 账号的邮件将发送到收到此链接的地址。",
    emailButton: "确认",
    emailDone: "确认成功，新的邮箱地址现已生效。",
    noToken: "链接不完整。请从邮件中重新打开，或复制完整的链接。",
    different: "两次输入的密码不一致。",
    short: "密码需为 10 到 128 个字符。",
    common: "密码过于常见，或与您的用户名太接近：请换一个较长的、只属于您自己的短语。",
    "invalid-reset-token": "链接已失效：已被使用、超过 30 分钟，或账号在此期间有变动。请重新申请。",
    "invalid-email-token": "链接已失效：已被使用、超过一天，或账号在此期间有变动。请重新更改邮箱地址。",
    "email-taken": "此邮箱地址已被其他账号使用。",
    tooMany: "操作过于频繁，请在 {0} 秒后重试。",
    away: "暂时无法完成，请稍后重试。",
  },
};

const isReset = document.body.dataset.page === "reset";
const token = new URLSearchParams(location.search).get("token") ?? "";
const form = document.querySelector("form");
const button = form.querySelector("button");
const message = document.getElementById("message");
const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
let language = navigator.languages.find(l => /^(zh|en)\b/i.test(l))?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
let shown = null;

// the token is good for the account: it stays neither in the address bar nor in the history
history.replaceState(null, "", location.pathname);

function say(word, kind, argument) {
  shown = [word, kind, argument];
  message.textContent = texts[language][word].replace("{0}", argument);
  message.className = kind;
}

function speak(other) {
  language = other;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]"))
    element.textContent = texts[language][element.dataset.text];
  for (const element of document.querySelectorAll("[data-language]"))
    element.setAttribute("aria-pressed", element.dataset.language === language);
  document.title = `CloudPhone – ${document.querySelector("h1").textContent}`;
  if (shown)
    say(...shown);
}

function wordOf(problem, status) {
  if (problem.type in texts.en)
    return problem.type;
  return status === 400 ? "common" : "away";
}

async function send(event) {
  event.preventDefault();
  const body = { token };
  if (isReset) {
    body.newPassword = document.getElementById("password").value;
    if (body.newPassword.length < 10)
      return say("short", "wrong");
    if (body.newPassword !== document.getElementById("again").value)
      return say("different", "wrong");
  }
  button.disabled = true;
  try {
    const answer = await fetch(`api/auth/${isReset ? "password-reset" : "email-change"}/confirm`, {
      method: "POST",
      // a repetition of the very same thing, after an answer that was lost, is done once
      headers: { "Content-Type": "application/json", "Idempotency-Key": `${key}-${++send.count}` },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      form.querySelectorAll("input, label").forEach(e => e.remove());
      button.remove();
      return say(isReset ? "resetDone" : "emailDone", "done");
    }
    if (answer.status === 429)
      say("tooMany", "wrong", answer.headers.get("Retry-After") ?? "60");
    else
      say(wordOf(await answer.json(), answer.status), "wrong");
  } catch {
    say("away", "wrong");
  }
  button.disabled = false;
}
send.count = 0;

document.querySelectorAll("[data-language]").forEach(b => b.addEventListener("click", () => speak(b.dataset.language)));
form.addEventListener("submit", send);
speak(language);
if (token === "") {
  say("noToken", "wrong");
  button.disabled = true;
}
