#include "notify/subscriber_words.h"

#include <iterator>

namespace oki::notify {
namespace {

struct Entry {
  SubscriberText id;
  const char* ja;
  const char* en;
};

constexpr Entry catalogue[] = {
    {SubscriberText::ask_title, "メールでのお知らせ", "Notices by mail"},
    {SubscriberText::ask_words,
     "障害とメンテナンスのお知らせを、発生・経過・復旧のたびにメールでお送りします。",
     "We mail you notices of incidents and maintenance: when they begin, change and end."},
    {SubscriberText::address, "メールアドレス", "Mail address"},
    {SubscriberText::one_mail,
     "確認のメールを1通お送りします。その中のリンクを開くまで、登録は完了しません。",
     "You get one mail with a link. Nothing is subscribed until you open it."},
    {SubscriberText::which, "お知らせの対象", "What to be told about"},
    {SubscriberText::none_is_all, "選ばなければ、すべてのお知らせをお送りします。",
     "Choose none to be told about everything."},
    {SubscriberText::ask_button, "確認メールを送る", "Send me the link"},
    {SubscriberText::bad_address, "メールアドレスの形が正しくありません。",
     "This is not a mail address."},
    {SubscriberText::asked_title, "メールをご確認ください", "Look into your mail"},
    {SubscriberText::asked_words,
     "確認のメールをお送りしました。48時間以内に、その中のリンクを開いてください。届かないとき"
     "は、迷惑メールの中もご確認ください。続けて何度もお送りすることはありません。",
     "We have sent you a mail with a link. Please open it within 48 hours. If nothing came, look "
     "among the spam too. We do not send it again and again."},
    {SubscriberText::confirm_title, "登録の確認", "Confirm"},
    {SubscriberText::confirm_words, "この宛先にお知らせをお送りします。",
     "Notices will be sent to this address."},
    {SubscriberText::confirm_button, "登録する", "Subscribe"},
    {SubscriberText::confirmed_title, "登録しました", "You are subscribed"},
    {SubscriberText::confirmed_words,
     "お知らせがあるときにメールをお送りします。どのメールからも、いつでも解除できます。",
     "We mail you when there is something to tell. Every mail has a link to leave."},
    {SubscriberText::manage_title, "お知らせメールの設定", "Your notices by mail"},
    {SubscriberText::leave_button, "登録を解除する", "Unsubscribe"},
    {SubscriberText::left_title, "登録を解除しました", "You are unsubscribed"},
    {SubscriberText::left_words, "メールアドレスは消去しました。今後お知らせは届きません。",
     "Your address has been deleted. No more notices will come."},
    {SubscriberText::choose_title, "対象を変える", "Change what you are told about"},
    {SubscriberText::choose_button, "この対象にする", "Save"},
    {SubscriberText::chosen_title, "変更しました", "Saved"},
    {SubscriberText::chosen_words, "次のお知らせから、この設定でお送りします。",
     "It holds from the next notice on."},
    {SubscriberText::dead_title, "このリンクは使えません", "This link does not work"},
    {SubscriberText::dead_words,
     "期限が過ぎたか、すでに解除されたか、リンクが途中で切れています。もう一度登録できます。",
     "It is too old, was ended already, or was cut on the way. You can subscribe again."},
    {SubscriberText::later_title, "しばらくしてからお試しください", "Please try again later"},
    {SubscriberText::later_words,
     "いまは受け付けられませんでした。数分後にもう一度お試しください。",
     "It could not be done right now. Please try again in a few minutes."},
    {SubscriberText::often_words,
     "短い時間に多くの申し込みがあったため、受け付けを控えています。1時間後にお試しください。",
     "There were many requests in a short time. Please try again in an hour."},
    {SubscriberText::mail_confirm_subject, "お知らせメールの登録の確認",
     "Confirm your subscription to our notices"},
    {SubscriberText::mail_confirm_words,
     "障害とメンテナンスのお知らせをこの宛先に送るよう、申し込みがありました。登録するには、48時間"
     "以内に次のリンクを開いてください。",
     "Somebody asked us to send notices of incidents and maintenance to this address. To "
     "subscribe, open this link within 48 hours."},
    {SubscriberText::mail_manage_subject, "お知らせメールは登録済みです",
     "You are subscribed to our notices already"},
    {SubscriberText::mail_manage_words,
     "この宛先はすでに登録されています。対象の変更と解除は、次のリンクからできます。",
     "This address is subscribed already. Change what you are told about, or leave, here."},
    {SubscriberText::mail_ignore,
     "お心当たりがなければ、このメールは破棄してください。何もしなければ、何も変わりません。",
     "If you did not ask for this, ignore it. Nothing changes unless you open the link."},
};

constexpr bool is_in_order() {
  if (std::size(catalogue) != static_cast<std::size_t>(SubscriberText::count)) return false;
  for (std::size_t i = 0; i < std::size(catalogue); ++i) {
    if (static_cast<std::size_t>(catalogue[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "the catalogue is indexed by SubscriberText");

}  // namespace

ByteView say(Language language, SubscriberText id) {
  const Entry& entry = catalogue[static_cast<std::size_t>(id)];
  return language == Language::ja ? entry.ja : entry.en;
}

}  // namespace oki::notify
