using System.Net;
using System.Net.Http.Json;
using Tutti.Contracts.Review;
using Tutti.Review.Advising;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_question_to_the_board(ReviewHost host) : IClassFixture<ReviewHost>
{
    private static readonly Person Colleague = new("Colleague", " Battery-Group ", Roles.BoardAdvisor);
    private static readonly Person AskingAdvisor = new("Both", "", Roles.BoardAdvisor, Roles.Proposer);

    [Fact]
    public async Task Is_listed_answered_and_read_by_the_asker()
    {
        var id = await AskAsync(Maria);
        Assert.Single(await host.SaidAsync<AdviceRequested>(), said => said.AdviceId == id && said.AskedBy == Maria.Id);
        Assert.Contains(await OpenAsync(Board), open => open.Id == id);
        Assert.Null((await host.ReadAsync<ReadAdvice.Response>(Maria, $"/api/review/advice/{id}")).Answer);

        Assert.Equal(HttpStatusCode.NoContent, (await host.AnswerAsync(Board, id)).StatusCode);
        var said = Assert.Single(await host.SaidAsync<AdviceGiven>(), said => said.AdviceId == id);
        Assert.Equal((Board.Id, Maria.Id, 2), (said.AdvisorId, said.AskedBy, said.Revision));
        Assert.Equal(["xas", "nap-xps"], said.TechniqueCodes);
        Assert.DoesNotContain(await OpenAsync(Board), open => open.Id == id);
        var read = Assert.Single(await host.ReadAsync<List<ReadAdvice.Response>>(Maria, "/api/review/advice"), advice => advice.Id == id);
        Assert.Equal("nap-xps", Assert.Single(read.Answer?.Complementary ?? []).TechniqueCode);
    }

    [Fact]
    public async Task Is_answered_once()
    {
        var id = await AskAsync(Maria);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => host.AnswerAsync(number % 2 == 0 ? Board : OtherBoard, id)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent), answer =>
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed }));
        Assert.Single(await host.SaidAsync<AdviceGiven>(), said => said.AdviceId == id);
        await Assert.RefusedAsync(await host.AnswerAsync(OtherBoard, id), HttpStatusCode.Conflict, "advice.already-given");
    }

    [Fact]
    public async Task Is_not_answered_by_the_asker_or_their_group()
    {
        var id = await AskAsync(Maria);
        await Assert.RefusedAsync(await host.AnswerAsync(Colleague, id), HttpStatusCode.Forbidden, "review.conflict");
        Assert.DoesNotContain(await OpenAsync(Colleague), open => open.Id == id);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Colleague).GetAsync($"/api/review/advice/{id}")).StatusCode);

        var own = await AskAsync(AskingAdvisor);
        await Assert.RefusedAsync(await host.AnswerAsync(AskingAdvisor, own), HttpStatusCode.Forbidden, "review.conflict");
        Assert.DoesNotContain(await OpenAsync(AskingAdvisor), open => open.Id == own);
    }

    [Fact]
    public async Task Is_seen_by_no_other_proposer()
    {
        var id = await AskAsync(Maria);
        var stranger = new Person("Stranger", "elsewhere", Roles.Proposer);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(stranger).GetAsync($"/api/review/advice/{id}")).StatusCode);
        Assert.Empty(await host.ReadAsync<List<ReadAdvice.Response>>(stranger, "/api/review/advice"));
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(stranger).GetAsync("/api/review/advice/open")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.AnswerAsync(Board, Guid.CreateVersion7())).StatusCode);
    }

    [Fact]
    public async Task Keeps_to_its_limits()
    {
        async Task<IReadOnlyList<string>> AskedAsync(object question) =>
            await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync("/api/review/advice", question), HttpStatusCode.UnprocessableEntity, "advice.invalid");
        Assert.Equal(["text.length"], await AskedAsync(new { question = " " }));
        Assert.Equal(["text.length", "text.length", "technique.code", "technique.code"], await AskedAsync(new
        {
            question = new string('x', 10_001), sample = new string('x', 5001), techniqueCodes = (string[])["xas", "X AS", new string('x', 65)],
        }));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.As(Maria).PostAsJsonAsync("/api/review/advice", new { question = "?", techniqueCodes = (string?[])[null] })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.As(Maria).PostAsJsonAsync("/api/review/advice", new { sample = "no question" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.As(Maria).PostAsJsonAsync("/api/review/advice", new { question = "a\0b" })).StatusCode);
    }

    [Fact]
    public async Task Is_answered_with_a_complementary_technique_and_its_reason()
    {
        var id = await AskAsync(Maria);
        async Task<IReadOnlyList<string>> AnsweredAsync(object answer) =>
            await Assert.RefusedAsync(await host.As(Board).PostAsJsonAsync($"/api/review/advice/{id}/answer", answer), HttpStatusCode.UnprocessableEntity, "advice.invalid");
        Assert.Equal(["advice.complementary"], await AnsweredAsync(new { text = "Yes.", techniqueCodes = (string[])["xas"], complementary = Array.Empty<object>() }));
        Assert.Equal(["text.length"], await AnsweredAsync(new { text = "Yes.", techniqueCodes = (string[])["xas"], complementary = new[] { new { techniqueCode = "xps", reason = " " } } }));
        var gap = new { text = "Yes.", techniqueCodes = (string[])["xas"], complementary = new object?[] { null } };
        await Assert.RefusedAsync(await host.As(Board).PostAsJsonAsync($"/api/review/advice/{id}/answer", gap), HttpStatusCode.BadRequest, "request.malformed");
        Assert.DoesNotContain(await host.SaidAsync<AdviceGiven>(), said => said.AdviceId == id);
    }

    private async Task<Guid> AskAsync(Person asker)
    {
        var asked = await host.As(asker).PostAsJsonAsync("/api/review/advice", new { question = "Where does the oxygen go?", techniqueCodes = (string[])["xas"], sample = "LiNiO2", industrial = true });
        asked.EnsureSuccessStatusCode();
        return (await asked.Content.ReadFromJsonAsync<AskAdvice.Response>(Json.Strict))?.Id ?? throw new InvalidOperationException();
    }

    private Task<List<ReadAdvice.Response>> OpenAsync(Person advisor) => host.ReadAsync<List<ReadAdvice.Response>>(advisor, "/api/review/advice/open");
}
