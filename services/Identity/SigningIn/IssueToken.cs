using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Tutti.ServiceDefaults;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Errors = OpenIddict.Abstractions.OpenIddictConstants.Errors;

namespace Tutti.Identity.SigningIn;

/// <summary>
/// A person signs in with login and password, or a program goes on with a refresh token: an access token with who they are and what they
/// may. Refusals have the form of OAuth 2.0 (RFC 6749, 5.2), with our stable <c>code</c> beside it.
/// </summary>
public static class IssueToken
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/token", Handle).RequireRateLimiting(SignInLimits.Policy).WithSummary("OAuth 2.0 token endpoint: grant_type password or refresh_token, client_id tutti");

    internal static async Task<Results<SignInHttpResult, ForbidHttpResult>> Handle(HttpContext http, IdentityDb db, PasswordCheck passwords, CancellationToken cancel)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not seen this request.");
        if (request.IsRefreshTokenGrantType())
        {
            var chain = await http.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
            var account = Guid.TryParse(chain.Principal?.GetClaim(Claims.Subject), out var id)
                ? await db.Accounts.AsNoTracking().SingleOrDefaultAsync(x => x.Id == id && x.Active, cancel)
                : null;
            return account is null ? Refuse("identity.account-ended", "The account is not active any more.") : Issue(account, chain.Principal?.GetScopes() ?? [], chain.Principal);
        }
        var (outcome, person) = await passwords.CheckAsync(request.Username ?? "", request.Password ?? "", db, cancel);
        return outcome switch
        {
            SignInOutcome.Accepted when person is not null => Issue(person, request.GetScopes(), null),
            SignInOutcome.Locked => Refuse("identity.locked", $"Too many failed sign-ins: try again in {PasswordCheck.Window.TotalMinutes} minutes."),
            SignInOutcome.Accepted or SignInOutcome.Wrong => Refuse("identity.wrong-password", "Login or password is wrong."),
        };
    }

    private static SignInHttpResult Issue(Account account, ImmutableArray<string> scopes, ClaimsPrincipal? chain)
    {
        var identity = new ClaimsIdentity("Bearer", Claims.Name, Authorization.RoleClaim);
        identity.SetClaim(Claims.Subject, account.Id.ToString())
            .SetClaim(Claims.Name, account.Name)
            .SetClaim(Authorization.GroupClaim, account.Group)
            .SetClaims(Authorization.RoleClaim, [.. account.Roles]);
        identity.SetScopes(scopes).SetAudiences(Authorization.Audience);
        identity.SetAuthorizationId(chain?.GetAuthorizationId());
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return TypedResults.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static ForbidHttpResult Refuse(string code, string description)
    {
        var properties = new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.InvalidGrant,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        });
        properties.SetParameter("code", code);
        return TypedResults.Forbid(properties, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
