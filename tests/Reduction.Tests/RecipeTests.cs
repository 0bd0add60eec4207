using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Prescribing;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class A_recipe(ReductionHost host) : IClassFixture<ReductionHost>
{
    private static readonly object three = new { components = 3, closure = new { total = 1 } };

    [Fact]
    public async Task Is_followed_on_a_data_set_by_a_job_that_names_its_version()
    {
        var recipe = await WriteAsync(new { name = "Ni K edge", options = three, note = "first" });
        Assert.Equal(2, (await ReadAsync<WriteRecipe.Response>(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = new { components = 2 } }), HttpStatusCode.Created)).Version);
        var set = await host.DataSetAsync();
        var older = await ReadAsync<FollowRecipe.Response>(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = set, version = 1 }), HttpStatusCode.Accepted);
        var latest = await ReadAsync<FollowRecipe.Response>(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = set }), HttpStatusCode.Accepted);
        Assert.Equal((1, 2), (older.Version, latest.Version));
        var ended = await host.EndedAsync(older.Id);
        Assert.Equal((JobStatus.Completed, 3, recipe, 1), (ended.Status, ended.Result?.Components, ended.Recipe?.Id, ended.Recipe?.Version));
        Assert.Equal(2, (await host.EndedAsync(latest.Id)).Result?.Components);
        var read = await ReadAsync<ReadRecipe.Response>(await host.As(Maria).GetAsync(Path(recipe)));
        Assert.Equal([1, 2], read.Versions.Select(version => version.Number));
        Assert.Equal("first", read.Versions[0].Note);
        Assert.Equal((2, 2), (read.Latest.Number, read.Latest.Options.Components));
        var first = await ReadAsync<ReadRecipe.Written>(await host.As(Maria).GetAsync($"{Path(recipe)}/versions/1"));
        Assert.Equal((1, 3, "first"), (first.Number, first.Options.Components, first.Note));
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).GetAsync($"{Path(recipe)}/versions/3")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Stranger).GetAsync($"{Path(recipe)}/versions/1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = set, version = 3 })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = Guid.CreateVersion7() })).StatusCode);
        Assert.Equal(["components.range"], await Assert.RefusedAsync(
            await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = await host.DataSetAsync(Csv(new(Spectra: 2, Channels: 20, Components: 2))), version = 1 }), HttpStatusCode.UnprocessableEntity, "job.invalid"));
    }

    [Fact]
    public async Task Is_private_until_it_is_shared_with_a_team_or_everybody()
    {
        var recipe = await WriteAsync(new { name = "Mine", options = three });
        var (proposal, _) = await host.ProposalAsync();
        foreach (var other in new[] { Luka, Stranger, Staff }) await IsHiddenAsync(recipe, other);
        Assert.Equal(HttpStatusCode.NoContent, (await ShareAsync(recipe, "team", proposal)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.As(Luka).GetAsync(Path(recipe))).StatusCode);
        await IsHiddenAsync(recipe, Stranger);
        await Assert.RefusedAsync(await host.As(Luka).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = three }), HttpStatusCode.Forbidden, "recipe.not-owner");
        await Assert.RefusedAsync(await host.As(Luka).PutAsJsonAsync($"{Path(recipe)}/sharing", new { sharing = "private" }), HttpStatusCode.Forbidden, "recipe.not-owner");
        await Assert.RefusedAsync(await host.As(Luka).DeleteAsync(Path(recipe)), HttpStatusCode.Forbidden, "recipe.not-owner");
        Assert.Equal(HttpStatusCode.NoContent, (await ShareAsync(recipe, "everybody", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.As(Stranger).GetAsync(Path(recipe))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ShareAsync(recipe, "private", null)).StatusCode);
        await IsHiddenAsync(recipe, Luka);
        Assert.Equal(["sharing.proposal"], await Assert.RefusedAsync(await ShareAsync(recipe, "team", null), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        Assert.Equal(["sharing.proposal"], await Assert.RefusedAsync(await ShareAsync(recipe, "everybody", proposal), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        Assert.Equal(HttpStatusCode.NotFound, (await ShareAsync(recipe, "team", Guid.CreateVersion7())).StatusCode);
    }

    [Fact]
    public async Task Out_of_use_can_be_read_and_not_followed()
    {
        var recipe = await WriteAsync(new { name = "Old", options = three });
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Maria).DeleteAsync(Path(recipe))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Maria).DeleteAsync(Path(recipe))).StatusCode);
        Assert.NotNull((await ReadAsync<ReadRecipe.Response>(await host.As(Maria).GetAsync(Path(recipe)))).RetiredAt);
        await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = await host.DataSetAsync() }), HttpStatusCode.Conflict, "recipe.retired");
        await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = three }), HttpStatusCode.Conflict, "recipe.retired");
        await Assert.RefusedAsync(await ShareAsync(recipe, "everybody", null), HttpStatusCode.Conflict, "recipe.retired");
        Assert.DoesNotContain(recipe.ToString(), await host.As(Maria).GetStringAsync("/api/reduction/recipes"), StringComparison.Ordinal);
        Assert.Contains(recipe.ToString(), await host.As(Maria).GetStringAsync("/api/reduction/recipes?retired=true&mine=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepares_the_data_by_its_steps_before_they_are_reduced()
    {
        var recipe = await WriteAsync(new { name = "Prepared", options = three, steps = new object[] { new { step = "cut", low = 8310.0, high = 8390.0 }, new { step = "scale", factor = 2.0 } } });
        var read = await ReadAsync<ReadRecipe.Response>(await host.As(Maria).GetAsync(Path(recipe)));
        Assert.Equal("cut", read.Latest.Steps[0].GetProperty("step").GetString());
        var job = await ReadAsync<FollowRecipe.Response>(
            await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = await host.DataSetAsync() }), HttpStatusCode.Accepted);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(job.Id)).Status);
        var result = Results.ReductionResult.FromJson(await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job.Id}/result.json"));
        Assert.InRange(result.Channels, 2, 319);
    }

    [Fact]
    public async Task Written_wrongly_is_refused_with_everything_that_is_wrong()
    {
        var problems = await Assert.RefusedAsync(
            await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", new
            {
                name = " ", technique = "alchemy", description = new string('x', 2001), note = new string('x', 2001), options = new { tolerance = 0 }, steps = new object[] { 1, new { step = "unheard-of" } },
            }),
            HttpStatusCode.UnprocessableEntity, "recipe.invalid");
        Assert.Equal(["description.length", "name.length", "note.length", "step.invalid", "step.invalid", "technique.unknown", "tolerance.range"], problems.Order(StringComparer.Ordinal));
        foreach (var steps in new object[] { "x", new { }, 7 })
            Assert.Equal(["steps.form"], await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", new { name = "x", steps }), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        foreach (var body in new[] { "{}", "null", "{\"name\":\"x\",\"options\":null}", "{\"name\":\"x\",\"unknown\":1}" })
            await Assert.RefusedAsync(await host.As(Maria).PostAsync("/api/reduction/recipes", new StringContent(body, null, "application/json")), HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Office).PostAsJsonAsync("/api/reduction/recipes", new { name = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).GetAsync(Path(Guid.CreateVersion7()))).StatusCode);
        Assert.Equal(0, await host.ReadAsync(db => db.Recipes.CountAsync(recipe => recipe.Name == "x")));
    }

    [Fact]
    public async Task Larger_than_a_document_that_people_write_is_refused_and_its_versions_are_read_one_by_one()
    {
        var known = Enumerable.Repeat(0.123456789012345, 10_000).ToArray();
        var long2 = new { components = 3, knownC = new[] { new { component = 0, values = known } } };
        var longer = new { components = 3, knownC = Enumerable.Range(0, 3).Select(component => new { component, values = known }) };
        Assert.Equal(["options.length"], await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", new { name = "x", options = longer }), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        var steps = Enumerable.Range(0, 50).Select(_ => new { step = "drop-spectra", spectra = Enumerable.Range(0, 1000) });
        Assert.Equal(["steps.length"], await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", new { name = "x", steps }), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        var recipe = await WriteAsync(new { name = "Long", options = three });
        Assert.Equal(["options.length"], await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = longer }), HttpStatusCode.UnprocessableEntity, "recipe.invalid"));
        for (var version = 0; version < 3; version++)
            Assert.Equal(HttpStatusCode.Created, (await host.As(Maria).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = long2 })).StatusCode);
        var read = await host.As(Maria).GetStringAsync(Path(recipe));
        var one = await host.As(Maria).GetStringAsync($"{Path(recipe)}/versions/2");
        Assert.InRange(read.Length, one.Length, one.Length + 4000);
    }

    private static string Path(Guid recipe) => $"/api/reduction/recipes/{recipe}";

    private async Task<Guid> WriteAsync(object recipe) =>
        (await ReadAsync<WriteRecipe.Response>(await host.As(Maria).PostAsJsonAsync("/api/reduction/recipes", recipe), HttpStatusCode.Created)).Id;

    private Task<HttpResponseMessage> ShareAsync(Guid recipe, string sharing, Guid? proposalId) => host.As(Maria).PutAsJsonAsync($"{Path(recipe)}/sharing", new { sharing, proposalId });

    private async Task IsHiddenAsync(Guid recipe, Person person)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(person).GetAsync(Path(recipe))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(person).PostAsJsonAsync($"{Path(recipe)}/jobs", new { dataSetId = Guid.CreateVersion7() })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(person).PostAsJsonAsync($"{Path(recipe)}/versions", new { options = three })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(person).DeleteAsync(Path(recipe))).StatusCode);
        var list = await host.As(person).GetFromJsonAsync<List<ListRecipes.Response>>("/api/reduction/recipes", Json.Strict) ?? throw new JsonException("null");
        Assert.DoesNotContain(list, line => line.Id == recipe);
    }
}
