"""The login, and a page that did not arrive whole, in a real browser."""


def test_a_wrong_password_says_so_and_a_right_one_leads_on(site, browser, visit):
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{site.url}/en/review")
    assert page.url == f"{site.url}/login?next=/en/review"
    page.fill("input[name=name]", "moderator")
    page.fill("input[name=password]", "wrong password")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert]:text-is('Name or password is wrong.')")
    page = visit("moderator", "review")
    assert page.url == f"{site.url}/en/review"
    assert page.inner_text(".who") == "moderator · moderator"
    page.click("text=Log out")
    page.wait_for_url("**/login")
    page.goto(f"{site.url}/en/queue")
    assert "/login" in page.url


def test_a_page_that_lost_a_part_on_its_way_loads_again_by_itself(site, browser, visit):
    """As where a laptop joins another network: the browser gives up what it is loading."""
    login = visit("moderator", "review").context.cookies()
    page = browser.new_context(locale="en-GB").new_page()
    page.context.add_cookies(login)
    lost = []

    def lose_twice(route) -> None:
        # The first of the two is a hint, which may come too late without harm.
        if len(lost) < 2:
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/assets/HTML-*.*", lose_twice)
    page.goto(f"{site.url}/en/review")
    page.wait_for_selector(".bar .who")
    assert len(lost) == 2
    page.context.close()
