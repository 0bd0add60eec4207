using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Tutti.ServiceDefaults;

/// <summary>One thing that is wrong with what somebody sent: where, which rule, and the rule in words.</summary>
public sealed record Problem(string Path, string Code, string Message);

/// <summary>
/// A rule of the domain was broken: answered as ProblemDetails with a stable code, never retried by consumers.
/// </summary>
public sealed class RuleViolation(string code, string title, int status = StatusCodes.Status409Conflict, IReadOnlyList<Problem>? problems = null)
    : Exception(title)
{
    /// <summary>Stable code, for example <c>proposal.already-submitted</c>.</summary>
    public string Code => code;

    /// <summary>HTTP status: 409 when the state forbids it, 422 when the content does, 403 when the person may not.</summary>
    public int Status => status;

    /// <summary>Everything that is wrong, not only the first.</summary>
    public IReadOnlyList<Problem> Problems => problems ?? [];

    /// <summary>The content breaks rules: all of them are told at once.</summary>
    public static RuleViolation Invalid(string code, string title, IReadOnlyList<Problem> problems) =>
        new(code, title, StatusCodes.Status422UnprocessableEntity, problems);

    /// <summary>The caller sees it but may not do this.</summary>
    public static RuleViolation Forbidden(string code, string title) => new(code, title, StatusCodes.Status403Forbidden);
}

/// <summary>Turns what went wrong into ProblemDetails with a stable <c>code</c>: the one place where this is decided.</summary>
public static partial class Errors
{
    /// <summary>Registers the handler.</summary>
    public static IServiceCollection AddErrors(this IServiceCollection services) =>
        services
            .AddProblemDetails(options => options.CustomizeProblemDetails = context =>
                context.ProblemDetails.Extensions.TryAdd("code", CodeOf(context.ProblemDetails.Status ?? 500)))
            .AddExceptionHandler<ProblemHandler>();

    private static string CodeOf(int status) => status switch
    {
        400 => "request.malformed",
        401 => "identity.required",
        403 => "identity.not-allowed",
        404 => "not-found",
        405 => "request.method-not-allowed",
        413 => "request.too-large",
        415 => "request.media-type",
        429 => "request.too-many",
        _ => status < 500 ? "request.refused" : "server.error",
    };

    // A caller does not know the types in which a body is read.
    [GeneratedRegex(@" (to any \.NET member contained in|for|on|of) type '[^']+'|(?<=converted) to \S+(?=\.)")]
    private static partial Regex NetTypes();

    private static ProblemDetails? Describe(Exception exception) => exception switch
    {
        RuleViolation rule => Details(rule.Status, rule.Code, rule.Message, rule.Problems),
        BadHttpRequestException bad => Details(bad.StatusCode, CodeOf(bad.StatusCode), NetTypes().Replace(bad.InnerException?.Message ?? bad.Message, ""), []),
        // A body that leaves out which kind of a thing it means.
        NotSupportedException { Source: "System.Text.Json" } unnamed => Details(StatusCodes.Status400BadRequest, CodeOf(StatusCodes.Status400BadRequest), unnamed.Message, []),
        DbUpdateConcurrencyException => Details(StatusCodes.Status412PreconditionFailed, "stale-write", "It was changed by somebody else meanwhile; read it again.", []),
        _ => null,
    };

    private static ProblemDetails Details(int status, string code, string title, IReadOnlyList<Problem> problems)
    {
        var details = new ProblemDetails { Status = status, Title = title };
        details.Extensions["code"] = code;
        if (problems.Count > 0) details.Extensions["problems"] = problems;
        return details;
    }

    private sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
        {
            if (Describe(exception) is not { } details) return false;
            context.Response.StatusCode = details.Status ?? 500;
            return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = details });
        }
    }
}
