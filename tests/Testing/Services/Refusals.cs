using System.Net;
using System.Text.Json;
using Xunit;

namespace Tutti.Testing;

/// <summary>Asserts how a service refuses.</summary>
public static class Refusals
{
    extension(Assert)
    {
        /// <summary>The answer is ProblemDetails with this status and code; returns the codes of its problems.</summary>
        public static async Task<IReadOnlyList<string>> RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {body}");
            using var details = JsonDocument.Parse(body);
            Assert.Equal(code, details.RootElement.GetProperty("code").GetString());
            return details.RootElement.TryGetProperty("problems", out var problems)
                ? [.. problems.EnumerateArray().Select(problem => problem.GetProperty("code").GetString() ?? "")]
                : [];
        }
    }
}
