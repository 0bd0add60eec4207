using System.Net;
using System.Net.Http.Json;
using System.Text;
using Tutti.Contracts.Identity;
using Tutti.Identity.Accounts;
using Tutti.Identity.Finding;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Identity.Tests;

public sealed class An_account(IdentityHost host) : IClassFixture<IdentityHost>
{
    [Fact]
    public async Task Once_opened_is_told_and_lets_the_person_in()
    {
        var id = await host.OpenAccountAsync("new-person", "proposer", "cell-keeper@ki");
        var said = Assert.Single(await host.SaidAsync<PersonRegistered>(), said => said.PersonId == id);
        Assert.Equal((1, "Test new-person", "testers"), (said.Revision, said.Name, said.Group));
        Assert.Equal(["proposer", "cell-keeper@ki"], said.Roles);
        await IdentityHost.TokensAsync(await host.SignInAsync("new-person", IdentityHost.Password));
    }

    [Fact]
    public async Task That_is_wrong_is_refused_with_every_problem()
    {
        var answer = await host.As(IdentityHost.Caller("olga")).PostAsJsonAsync("/api/identity/accounts", new
        {
            login = "No Login", name = " ", group = "Ä", country = "Slovenia", password = "short",
            roles = new[] { "king", "facility-staff", "proposer@elettra", "cell-keeper@UPPER", "operator", "operator" },
        });
        Assert.Equal(
            ["country.form", "group.form", "login.form", "name.form", "password.length", "role.scope-form", "role.scope-missing", "role.scope-refused", "role.twice", "role.unknown"],
            (await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "account.invalid")).Order(StringComparer.Ordinal));
        var many = await host.As(IdentityHost.Caller("olga")).PostAsJsonAsync("/api/identity/accounts", new
        {
            login = "maria", name = new string('x', 300), group = "g", password = "maria maria maria", roles = Enumerable.Repeat("proposer", 1000),
        });
        Assert.Equal(
            ["login.taken", "name.form", "password.holds-login", "roles.too-many"],
            (await Assert.RefusedAsync(many, HttpStatusCode.UnprocessableEntity, "account.invalid")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"login\":1,\"name\":\"a\",\"group\":\"g\",\"roles\":[],\"password\":\"\"}")]
    [InlineData("{\"login\":\"a\\u0000b\",\"name\":\"a\",\"group\":\"g\",\"roles\":[],\"password\":\"123456789012\"}")]
    [InlineData("{\"login\":\"abc\",\"name\":\"a\",\"group\":\"g\",\"roles\":null,\"password\":\"123456789012\"}")]
    [InlineData("not json")]
    public async Task That_is_malformed_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await Assert.RefusedAsync(await host.As(IdentityHost.Caller("olga")).PostAsync("/api/identity/accounts", content), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Whose_login_ten_take_at_once_is_opened_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.As(IdentityHost.Caller("olga")).PostAsJsonAsync(
            "/api/identity/accounts", new { login = "one-login", name = "One", group = "testers", roles = new[] { "proposer" }, password = IdentityHost.Password })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal(["login.taken"], await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "account.invalid"));
        Assert.Single(await host.SaidAsync<PersonRegistered>(), said => said.Name == "One");
    }

    [Fact]
    public async Task Remembers_who_changed_its_roles_and_why_and_tells_the_next_revision()
    {
        var id = await host.OpenAccountAsync("changing", "proposer");
        var office = host.As(IdentityHost.Caller("olga"));
        var path = $"/api/identity/accounts/{id}";
        Assert.Equal(HttpStatusCode.NoContent, (await office.PutAsJsonAsync($"{path}/roles", new { roles = new[] { "panel-member" }, reason = "Joins the panel." })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await office.PostAsJsonAsync($"{path}/deactivation", new { reason = "Has left." })).StatusCode);
        var read = await office.GetFromJsonAsync<ListAccounts.OneResponse>(path, Json.Strict);
        Assert.False(read?.Active);
        Assert.Equal([AccountAction.ChangeRoles, AccountAction.Deactivate], read?.History.Select(change => change.What));
        Assert.Equal(["Joins the panel.", "Has left."], read?.History.Select(change => change.Reason));
        Assert.Equal(["proposer", "panel-member"], read?.History.SelectMany(change => change.RolesBefore));
        Assert.All(read?.History ?? [], change => Assert.Equal(IdentityHost.Demo("olga").Id, change.ByPersonId));
        var said = (await host.SaidAsync<PersonRegistered>()).Where(said => said.PersonId == id).ToList();
        Assert.Equal([1, 2, 3], said.Select(person => person.Revision));
        Assert.Equal(["panel-member"], said[1].Roles);
        Assert.Empty(said[2].Roles);
        await Assert.RefusedAsync(await office.PutAsJsonAsync($"{path}/roles", new { roles = Array.Empty<string>(), reason = "Again." }), HttpStatusCode.Conflict, "account.inactive");
        await Assert.RefusedAsync(await office.PostAsJsonAsync($"{path}/deactivation", new { reason = "Again." }), HttpStatusCode.Conflict, "account.inactive");
    }

    [Fact]
    public async Task Has_another_country_when_the_person_or_the_user_office_tells_so_which_is_remembered_and_told()
    {
        var id = await host.OpenAccountAsync("travelling", "proposer");
        var person = new Person("Test travelling", "testers", Roles.Proposer) { Id = id };
        var office = host.As(IdentityHost.Caller("olga"));
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(person).PutAsJsonAsync("/api/identity/me/country", new { country = "SI", reason = "I have moved." })).StatusCode);
        Assert.Equal("SI", (await host.As(person).GetFromJsonAsync<ReadMyself.Response>("/api/identity/me", Json.Strict))?.Country);
        Assert.Equal(HttpStatusCode.NoContent, (await office.PutAsJsonAsync($"/api/identity/accounts/{id}/country", new { country = (string?)null, reason = "Nobody knows." })).StatusCode);
        Assert.Equal([(1, null), (2, "SI"), (3, null)], (await host.SaidAsync<PersonRegistered>()).Where(said => said.PersonId == id).Select(said => (said.Revision, said.Country)));
        var read = await office.GetFromJsonAsync<ListAccounts.OneResponse>($"/api/identity/accounts/{id}", Json.Strict);
        Assert.Null(read?.Country);
        Assert.Equal(
            [(AccountAction.ChangeCountry, null, id, "I have moved."), (AccountAction.ChangeCountry, "SI", IdentityHost.Demo("olga").Id, "Nobody knows.")],
            read?.History.Select(change => (change.What, change.CountryBefore, change.ByPersonId, change.Reason)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("si")]
    [InlineData("SVN")]
    [InlineData("S1")]
    [InlineData("SI\n")]
    public async Task Keeps_its_country_where_what_is_told_is_none(string country)
    {
        var maria = host.As(IdentityHost.Caller("maria"));
        Assert.Equal(["country.form"], await Assert.RefusedAsync(await maria.PutAsJsonAsync("/api/identity/me/country", new { country, reason = "x" }), HttpStatusCode.UnprocessableEntity, "account.invalid"));
        Assert.Equal(["country.form"], await Assert.RefusedAsync(await host.As(IdentityHost.Caller("olga")).PostAsJsonAsync("/api/identity/accounts", new
        {
            login = "somebody", name = "Some Body", group = "g", country, password = IdentityHost.Password, roles = new[] { "proposer" },
        }), HttpStatusCode.UnprocessableEntity, "account.invalid"));
    }

    [Fact]
    public async Task Has_its_country_changed_with_a_reason_on_its_present_version_by_nobody_else()
    {
        var maria = host.As(IdentityHost.Caller("maria"));
        var other = IdentityHost.Demo("oscar").Id;
        Assert.Equal(HttpStatusCode.Forbidden, (await maria.PutAsJsonAsync($"/api/identity/accounts/{other}/country", new { country = "SI", reason = "x" })).StatusCode);
        await Assert.RefusedAsync(await maria.PutAsJsonAsync("/api/identity/me/country", new { reason = "It was left out" }), HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(["reason.missing"], await Assert.RefusedAsync(await maria.PutAsJsonAsync("/api/identity/me/country", new { country = "SI", reason = " " }), HttpStatusCode.UnprocessableEntity, "account.invalid"));
        maria.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"99\"");
        await Assert.RefusedAsync(await maria.PutAsJsonAsync("/api/identity/me/country", new { country = "SI", reason = "x" }), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(IdentityHost.Caller("olga")).PutAsJsonAsync($"/api/identity/accounts/{Guid.CreateVersion7()}/country", new { country = "SI", reason = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(new Person("Ghost", "nowhere", Roles.Proposer)).PutAsJsonAsync("/api/identity/me/country", new { country = "SI", reason = "x" })).StatusCode);
    }

    [Fact]
    public async Task Is_changed_only_on_its_present_version_with_roles_that_exist_and_a_reason()
    {
        var id = await host.OpenAccountAsync("versions", "proposer");
        var office = host.As(IdentityHost.Caller("olga"));
        var path = $"/api/identity/accounts/{id}/roles";
        Assert.Equal(["role.unknown"], await Assert.RefusedAsync(
            await office.PutAsJsonAsync(path, new { roles = new[] { "@" }, reason = "x" }), HttpStatusCode.UnprocessableEntity, "account.invalid"));
        Assert.Equal(["reason.missing"], await Assert.RefusedAsync(
            await office.PutAsJsonAsync(path, new { roles = Array.Empty<string>(), reason = new string('x', 3000) }), HttpStatusCode.UnprocessableEntity, "account.invalid"));
        office.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"7\"");
        await Assert.RefusedAsync(await office.PutAsJsonAsync(path, new { roles = Array.Empty<string>(), reason = "x" }), HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await office.PostAsJsonAsync($"/api/identity/accounts/{IdentityHost.Demo("olga").Id}/deactivation", new { reason = "x" }), HttpStatusCode.Conflict, "account.own");
        Assert.Equal(HttpStatusCode.NotFound, (await office.PutAsJsonAsync($"/api/identity/accounts/{Guid.CreateVersion7()}/roles", new { roles = Array.Empty<string>(), reason = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await office.PostAsJsonAsync($"/api/identity/accounts/{Guid.CreateVersion7()}/deactivation", new { reason = "x" })).StatusCode);
    }

    [Fact]
    public async Task Is_the_user_offices_business_alone()
    {
        foreach (var login in (string[])["maria", "oscar", "dario", "petra"])
        {
            var client = host.As(IdentityHost.Caller(login));
            var maria = IdentityHost.Demo("maria").Id;
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/identity/accounts")).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync($"/api/identity/accounts/{maria}")).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("/api/identity/accounts", new { })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PutAsJsonAsync($"/api/identity/accounts/{maria}/roles", new { })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync($"/api/identity/accounts/{maria}/deactivation", new { })).StatusCode);
        }
        var accounts = await host.As(IdentityHost.Caller("olga")).GetFromJsonAsync<List<ListAccounts.Response>>("/api/identity/accounts", Json.Strict);
        Assert.Contains(accounts ?? [], account => account.Login == "maria" && account.Active);
        await Assert.RefusedAsync(await host.As(IdentityHost.Caller("olga")).GetAsync("/api/identity/accounts?page=0"), HttpStatusCode.UnprocessableEntity, "request.page");
    }
}

public sealed class Looking_for_a_colleague(IdentityHost host) : IClassFixture<IdentityHost>
{
    [Theory]
    [InlineData("ma", "Maria Horvat")]
    [InlineData("MARIA", "Maria Horvat")]
    [InlineData("zup", "Luka Zupan")]
    [InlineData("maria h", "Maria Horvat")]
    [InlineData("aria")]
    [InlineData("%%")]
    [InlineData("__")]
    public async Task Finds_the_start_of_a_first_or_last_name(string text, params string[] names)
    {
        var found = await host.As(IdentityHost.Caller("maria")).GetFromJsonAsync<List<FindPeople.Response>>($"/api/identity/people?text={Uri.EscapeDataString(text)}", Json.Strict);
        Assert.Equal(names, found?.Select(person => person.Name));
    }

    [Fact]
    public async Task Needs_two_letters_except_for_the_user_office_and_tells_no_more_than_name_and_group()
    {
        var maria = host.As(IdentityHost.Caller("maria"));
        foreach (var query in (string[])["", "?text=", "?text=m", "?text=%20%20%20", $"?text={new string('x', 500)}"])
            await Assert.RefusedAsync(await maria.GetAsync("/api/identity/people" + query), HttpStatusCode.UnprocessableEntity, "people.invalid");
        await Assert.RefusedAsync(await maria.GetAsync("/api/identity/people?text=ma&page=99999"), HttpStatusCode.UnprocessableEntity, "people.invalid");
        await Assert.RefusedAsync(await maria.GetAsync("/api/identity/people?text=ma%00"), HttpStatusCode.BadRequest, "request.malformed");
        var office = host.As(IdentityHost.Caller("olga"));
        Assert.True((await office.GetFromJsonAsync<List<FindPeople.Response>>("/api/identity/people", Json.Strict))?.Count >= 15);
        Assert.Equal(["group", "id", "name"], (await maria.GetFromJsonAsync<List<Dictionary<string, object>>>("/api/identity/people?text=ma"))?[0].Keys.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync("/api/identity/people?text=ma")).StatusCode);
    }

    [Fact]
    public async Task Finds_nobody_whose_account_has_ended()
    {
        var id = await host.OpenAccountAsync("wegfall", "proposer");
        var maria = host.As(IdentityHost.Caller("maria"));
        Assert.Single(await maria.GetFromJsonAsync<List<FindPeople.Response>>("/api/identity/people?text=wegfall", Json.Strict) ?? []);
        (await host.As(IdentityHost.Caller("olga")).PostAsJsonAsync($"/api/identity/accounts/{id}/deactivation", new { reason = "Left." })).EnsureSuccessStatusCode();
        Assert.Empty(await maria.GetFromJsonAsync<List<FindPeople.Response>>("/api/identity/people?text=wegfall", Json.Strict) ?? []);
    }

    [Fact]
    public async Task Of_oneself_needs_an_account_here() =>
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(new Person("Ghost", "nowhere", Roles.Proposer)).GetAsync("/api/identity/me")).StatusCode);
}
